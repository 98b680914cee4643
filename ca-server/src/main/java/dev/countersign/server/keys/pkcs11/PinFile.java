package dev.countersign.server.keys.pkcs11;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A PIN is the first line of a file that only its owner may read. */
final class PinFile {
    private static final int MAX_BYTES = 1024;

    private final Path file;

    PinFile(Path file) {
        this.file = file;
    }

    /** The PIN; whoever asked zeroes it. */
    char[] read() throws KeyVaultException {
        byte[] bytes;
        try {
            bytes = AtomicFiles.readSecret(file, MAX_BYTES);
        } catch (AtomicFiles.InsecureFile insecure) {
            throw new KeyVaultException(
                    Reason.KEY_FILE_PERMISSIONS, String.valueOf(insecure.getMessage()));
        } catch (IOException unreadable) {
            throw new KeyVaultException(
                    Reason.UNAVAILABLE,
                    "PIN: " + file + " cannot be read (expected: a file of mode 0600)",
                    unreadable);
        }
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
        Arrays.fill(bytes, (byte) 0);
        int length = 0;
        while (length < text.length()
                && text.charAt(length) != '\n'
                && text.charAt(length) != '\r') {
            length++;
        }
        char[] pin = new char[length];
        text.get(pin);
        Arrays.fill(text.array(), '\0');
        return pin;
    }
}
