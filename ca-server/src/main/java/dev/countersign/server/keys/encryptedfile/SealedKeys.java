package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyNames;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.SigningKey;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;

/**
 * Key files in memory, to be opened and not changed: proves a backup without touching the disk. {@link #close} zeroes
 * what was derived from the passphrase.
 */
public final class SealedKeys implements KeyVault, AutoCloseable {
    private final Map<String, byte[]> files;
    private final KeySeal seal;

    /**
     * @param files content by file name
     * @param passphrase owned by the caller
     */
    public SealedKeys(Map<String, byte[]> files, Passphrase passphrase, SecureRandom random) {
        this.files = Map.copyOf(files);
        this.seal = new KeySeal(passphrase, random);
    }

    @Override
    public SigningKey create(String name) throws KeyVaultException {
        throw unchangeable();
    }

    @Override
    public Optional<SigningKey> find(String name) throws KeyVaultException {
        byte[] content = files.get(KeyNames.check(name) + EncryptedFileKeyVault.ENDING);
        return content == null
                ? Optional.empty()
                : Optional.of(seal.open(EncryptedFileKeyVault.decode(name, content)));
    }

    @Override
    public boolean destroy(String name) throws KeyVaultException {
        throw unchangeable();
    }

    @Override
    public void close() {
        seal.close();
    }

    private static KeyVaultException unchangeable() {
        return new KeyVaultException(
                Reason.UNAVAILABLE, "backup: cannot be changed (expected: reading only)");
    }
}
