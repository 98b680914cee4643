package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.x509.Scrypt;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Seals every key of a folder with another passphrase, each file whole or not at all. Files that
 * the new passphrase opens already are left alone, so whoever was interrupted does it again.
 */
public final class PassphraseChange {
    private final SecretFiles files;
    private final Passphrase current;
    private final Passphrase next;
    private final Scrypt cost;
    private final SecureRandom random;

    /**
     * @param folder of an {@link EncryptedFileKeyVault}
     * @param current owned by the caller
     * @param next owned by the caller
     * @param cost from now on
     */
    public PassphraseChange(
            Path folder, Passphrase current, Passphrase next, Scrypt cost, SecureRandom random)
            throws KeyVaultException {
        this.files = SecretFiles.in(folder);
        this.current = current;
        this.next = next;
        this.cost = cost;
        this.random = random;
    }

    /** A key, opened, and whether it is still sealed with the passphrase in use. */
    private record Opened(String name, LocalKey key, boolean sealedAnew) {}

    /**
     * Opens all keys, then seals those that need it: a file that neither passphrase opens stops
     * everything before anything is changed.
     *
     * @return names of the keys that were sealed anew
     */
    public List<String> run() throws KeyVaultException {
        List<Opened> keys = new ArrayList<>();
        try (KeySeal now = new KeySeal(current, random);
                KeySeal then = new KeySeal(next, random)) {
            for (String file : files.list(EncryptedFileKeyVault.ENDING)) {
                keys.add(open(file, now, then));
            }
        }
        List<String> done = new ArrayList<>();
        // Another one: the new passphrase gets a salt of its own.
        try (KeySeal seal = new KeySeal(next, random)) {
            for (Opened opened : keys) {
                if (!opened.sealedAnew()) {
                    byte[] content = seal.seal(opened.name(), opened.key(), cost).encode();
                    files.replace(
                            opened.name() + EncryptedFileKeyVault.ENDING,
                            content,
                            EncryptedFileKeyVault.suffix(random));
                    done.add(opened.name());
                }
            }
        }
        return done;
    }

    private Opened open(String file, KeySeal now, KeySeal then) throws KeyVaultException {
        String name = file.substring(0, file.length() - EncryptedFileKeyVault.ENDING.length());
        Optional<byte[]> content = files.read(file, KeyFile.MAX_BYTES);
        if (content.isEmpty()) {
            throw new KeyVaultException(
                    Reason.KEY_UNKNOWN, file + ": gone meanwhile (expected: nobody else at work)");
        }
        KeyFile sealed = EncryptedFileKeyVault.decode(name, content.get());
        try {
            return new Opened(name, then.open(sealed), true);
        } catch (KeyVaultException e) {
            if (e.reason() != Reason.WRONG_PASSPHRASE) {
                throw e;
            }
            return new Opened(name, now.open(sealed), false);
        }
    }
}
