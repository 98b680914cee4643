package dev.countersign.server.keys;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/** A passphrase in memory: never printed, zeroed by {@link #close}. Thread-safe. */
public final class Passphrase implements AutoCloseable {
    /** NIST SP 800-63B section 5.1.1.1. */
    public static final int MIN_CHARS = 8;

    private static final int MAX_UTF8 = 3;

    private final byte[] utf8;
    private boolean closed;

    private Passphrase(byte[] utf8) {
        this.utf8 = utf8;
    }

    /**
     * Takes a passphrase over and zeroes the caller's array.
     *
     * @throws IllegalArgumentException when it is shorter than {@link #MIN_CHARS}
     */
    public static Passphrase takeOver(char[] characters) {
        int length = characters.length;
        byte[] room = new byte[MAX_UTF8 * length];
        ByteBuffer encoded = ByteBuffer.wrap(room);
        CoderResult result =
                StandardCharsets.UTF_8
                        .newEncoder()
                        .encode(CharBuffer.wrap(characters), encoded, true);
        byte[] utf8 = Arrays.copyOf(room, encoded.position());
        Arrays.fill(room, (byte) 0);
        Arrays.fill(characters, '\0');
        if (length < MIN_CHARS || result.isError()) {
            Arrays.fill(utf8, (byte) 0);
            throw new IllegalArgumentException(
                    "passphrase: "
                            + length
                            + " characters (expected: >= "
                            + MIN_CHARS
                            + ", well-formed)");
        }
        return new Passphrase(utf8);
    }

    /**
     * Lends the UTF-8 bytes to {@code reader}, which must not keep them.
     *
     * @throws IllegalStateException after {@link #close}
     */
    public synchronized <T> T read(Function<byte[], T> reader) {
        if (closed) {
            throw new IllegalStateException("passphrase: closed (expected: open)");
        }
        return reader.apply(utf8);
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(utf8, (byte) 0);
    }

    @Override
    public String toString() {
        return "Passphrase[hidden]";
    }
}
