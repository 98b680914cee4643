package dev.countersign.server.authority.ceremony;

import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Pkcs12File;

/**
 * A signing certificate with its key and what stands above it, from a PKCS#12 file. Read, not yet
 * checked.
 */
public record BroughtKey(ImportedChain chain, LocalKey key) {
    /**
     * Opens a file.
     *
     * @param passphrase stays the caller's, who zeroes it
     * @throws ImportRefused {@code IMPORT_PASSPHRASE}, {@code IMPORT_MALFORMED} unless there is
     *     exactly one key, {@code IMPORT_KEY_KIND} unless it is P-256, {@code IMPORT_CHAIN_ORDER}
     */
    public static BroughtKey read(byte[] file, char[] passphrase) throws ImportRefused {
        try {
            Pkcs12File opened = Pkcs12File.read(file, passphrase);
            return new BroughtKey(ImportedChain.of(opened.chain()), opened.key());
        } catch (KeyVaultException unusable) {
            Reason reason =
                    switch (unusable.reason()) {
                        case WRONG_PASSPHRASE -> Reason.IMPORT_PASSPHRASE;
                        case KEY_KIND -> Reason.IMPORT_KEY_KIND;
                        case KEY_FILE_CORRUPT,
                                KEY_FILE_PERMISSIONS,
                                KEY_EXISTS,
                                KEY_UNKNOWN,
                                KEY_MADE_HERE_ONLY,
                                UNAVAILABLE ->
                                Reason.IMPORT_MALFORMED;
                    };
            throw new ImportRefused(reason, String.valueOf(unusable.getMessage()), unusable);
        }
    }

    @Override
    public String toString() {
        return "BroughtKey[" + chain.signing().getSubjectX500Principal() + "]";
    }
}
