package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The key files of a folder as they are, sealed: for backups. */
public final class KeyFolder {
    private final SecretFiles files;

    public KeyFolder(Path folder) throws KeyVaultException {
        this.files = SecretFiles.in(folder);
    }

    /** Content by file name. */
    public Map<String, byte[]> read() throws KeyVaultException {
        Map<String, byte[]> content = new LinkedHashMap<>();
        for (String name : files.list(EncryptedFileKeyVault.ENDING)) {
            Optional<byte[]> bytes = files.read(name, KeyFile.MAX_BYTES);
            bytes.ifPresent(found -> content.put(name, found));
        }
        return content;
    }

    /**
     * Puts files back that are missing. All are looked at before the first is written.
     *
     * @return how many were written
     * @throws KeyVaultException {@code KEY_EXISTS} when there is another file of a name
     */
    public int restore(Map<String, byte[]> content, SecureRandom random) throws KeyVaultException {
        Map<String, byte[]> missing = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> file : content.entrySet()) {
            Optional<byte[]> there = files.read(file.getKey(), KeyFile.MAX_BYTES);
            if (there.isEmpty()) {
                missing.put(file.getKey(), file.getValue());
            } else if (!Arrays.equals(there.get(), file.getValue())) {
                throw new KeyVaultException(
                        Reason.KEY_EXISTS,
                        file.getKey()
                                + ": another one is there (expected: none, or the same; move it"
                                + " away)");
            }
        }
        for (Map.Entry<String, byte[]> file : missing.entrySet()) {
            files.create(file.getKey(), file.getValue(), EncryptedFileKeyVault.suffix(random));
        }
        return missing.size();
    }
}
