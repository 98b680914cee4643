package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.x509.Scrypt;
import java.security.SecureRandom;

/**
 * A sealed key as the bytes of a key file, for vaults that keep them elsewhere than in files. Owns the
 * passphrase: {@link #close} zeroes it.
 */
public final class SealedText implements AutoCloseable {
    /** Most bytes of one. */
    public static final int MAX_BYTES = KeyFile.MAX_BYTES;

    private final Passphrase passphrase;
    private final KeySeal seal;
    private final Scrypt cost;

    /**
     * @param passphrase owned by this from here on
     * @param cost of new keys; those there are say their own
     */
    public SealedText(Passphrase passphrase, Scrypt cost, SecureRandom random) {
        this.passphrase = passphrase;
        this.seal = new KeySeal(passphrase, random);
        this.cost = cost;
    }

    public byte[] seal(String name, LocalKey key) throws KeyVaultException {
        return seal.seal(name, key, cost).encode();
    }

    /** Opens what {@link #seal} made of the key of this name. */
    public LocalKey open(String name, byte[] sealed) throws KeyVaultException {
        return seal.open(EncryptedFileKeyVault.decode(name, sealed));
    }

    @Override
    public void close() {
        seal.close();
        passphrase.close();
    }
}
