package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyNames;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.Scrypt;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * One file per key, {@code <name>.key}, sealed with a passphrase. The first key costs the scrypt
 * derivation (tenths of a second), the rest only where they were sealed by another process. Owns the passphrase: {@link
 * #close} zeroes it, keys already found go on signing.
 */
public final class EncryptedFileKeyVault implements KeyVault, AutoCloseable {
    static final String ENDING = ".key";

    private static final int SUFFIX = 8;

    private final SecretFiles files;
    private final Passphrase passphrase;
    private final KeySeal seal;
    private final Scrypt cost;
    private final SecureRandom random;

    /**
     * Opens a folder.
     *
     * @param folder made (0700) when it is missing
     * @param passphrase owned by the vault from here on
     * @param cost for new keys; those there are say their own
     * @throws KeyVaultException when the folder cannot be used or others may write to it
     */
    public EncryptedFileKeyVault(
            Path folder, Passphrase passphrase, Scrypt cost, SecureRandom random)
            throws KeyVaultException {
        this.files = SecretFiles.in(folder);
        this.passphrase = passphrase;
        this.seal = new KeySeal(passphrase, random);
        this.cost = cost;
        this.random = random;
    }

    @Override
    public SigningKey create(String name) throws KeyVaultException {
        return keep(name, LocalKey.generate(random));
    }

    @Override
    public SigningKey keep(String name, LocalKey key) throws KeyVaultException {
        KeyFile file = seal.seal(KeyNames.check(name), key, cost);
        files.create(name + ENDING, file.encode(), suffix(random));
        return key;
    }

    @Override
    public Optional<SigningKey> find(String name) throws KeyVaultException {
        Optional<byte[]> content = files.read(KeyNames.check(name) + ENDING, KeyFile.MAX_BYTES);
        return content.isEmpty()
                ? Optional.empty()
                : Optional.of(seal.open(decode(name, content.get())));
    }

    @Override
    public boolean destroy(String name) throws KeyVaultException {
        return files.delete(KeyNames.check(name) + ENDING);
    }

    @Override
    public void close() {
        seal.close();
        passphrase.close();
    }

    /** Reads a file that is to hold this key. */
    static KeyFile decode(String name, byte[] content) throws KeyVaultException {
        KeyFile file;
        try {
            file = KeyFile.decode(content);
        } catch (IllegalArgumentException e) {
            throw new KeyVaultException(
                    Reason.KEY_FILE_CORRUPT, name + ENDING + ": " + e.getMessage());
        }
        if (!file.name().equals(name)) {
            throw new KeyVaultException(
                    Reason.KEY_FILE_CORRUPT,
                    name + ENDING + ": holds another key (expected: key " + name + ")");
        }
        return file;
    }

    /** Of a temporary file's name. */
    static byte[] suffix(SecureRandom random) {
        byte[] suffix = new byte[SUFFIX];
        random.nextBytes(suffix);
        return suffix;
    }
}
