package dev.countersign.server;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.keys.Passphrase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The passphrase of the key files: the first line of a file that only its owner may read. */
final class PassphraseFile {
    private static final int MAX_BYTES = 4096;

    private PassphraseFile() {}

    static Passphrase read(Path file) throws IOException {
        return read("keys.passphraseFile", file);
    }

    static Passphrase read(String what, Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(
                    what
                            + ": "
                            + file
                            + " is missing (expected: a file of mode 0600 with a passphrase; make"
                            + " one: (umask 077; head -c 32 /dev/urandom | base64 > "
                            + file
                            + "))");
        }
        byte[] bytes = AtomicFiles.readSecret(file, MAX_BYTES);
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
        Arrays.fill(bytes, (byte) 0);
        int length = 0;
        while (length < text.length() && text.charAt(length) != '\n') {
            length++;
        }
        if (length > 0 && text.charAt(length - 1) == '\r') {
            length--;
        }
        char[] line = new char[length];
        text.get(line);
        Arrays.fill(text.array(), '\0');
        return Passphrase.takeOver(line);
    }
}
