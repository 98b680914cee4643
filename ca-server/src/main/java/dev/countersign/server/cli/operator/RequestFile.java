package dev.countersign.server.cli.operator;

import dev.countersign.server.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PKCS#10 request of somebody's own making, PEM or DER. */
final class RequestFile {
    /** Bytes; more than any server takes. */
    private static final int MAX_BYTES = 64 * 1024;

    /** RFC 7468 section 7, and the older label that some tools write. */
    private static final Pattern PEM =
            Pattern.compile(
                    "\\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\\s]*)"
                            + "-----END (NEW )?CERTIFICATE REQUEST-----\\s*");

    private RequestFile() {}

    /** The DER of the request; the server judges it. */
    static byte[] read(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
        } catch (IOException unreadable) {
            throw new CommandFailed("cannot read " + file + ": " + unreadable, unreadable);
        }
        Matcher pem = PEM.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        if (!pem.matches()) {
            return bytes;
        }
        try {
            return Base64.getMimeDecoder().decode(pem.group(2));
        } catch (IllegalArgumentException malformed) {
            throw new CommandFailed(
                    file + ": " + malformed.getMessage() + " (expected: a PEM request)", malformed);
        }
    }
}
