package dev.countersign.agent.ca;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The workload's service-account token, read from its file at every use because the kubelet replaces
 * it. Secret: it is in no message, log line or {@code toString}.
 */
public final class BootstrapToken {
    /** The contract's bound on a token, bytes. */
    static final int MAX_BYTES = 16 * 1024;

    private final Path file;

    public BootstrapToken(Path file) {
        this.file = file;
    }

    /**
     * @return a compact JWS, not checked further: the server does that
     * @throws IOException when there is none; the message names the file and what was expected, never
     *     the content
     */
    String read() throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException("token file " + file + ": not there (expected: a token)", e);
        } catch (IOException e) {
            throw new IOException(
                    "token file " + file + ": " + e.getMessage() + " (expected: readable)", e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException("token file " + file + ": over 16384 bytes (expected: <= 16384)");
        }
        String token = new String(bytes, StandardCharsets.UTF_8).strip();
        if (token.isEmpty() || !token.chars().allMatch(BootstrapToken::inCompactJws)) {
            throw new IOException("token file " + file + ": not a token (expected: compact JWS)");
        }
        return token;
    }

    @Override
    public String toString() {
        return "token in " + file;
    }

    /** RFC 7515, section 7.1: base64url parts and dots. */
    private static boolean inCompactJws(int c) {
        return (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.';
    }
}
