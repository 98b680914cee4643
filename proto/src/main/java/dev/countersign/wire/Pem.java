package dev.countersign.wire;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** One PEM block (RFC 7468, section 3), read strictly: nothing before, between or behind. */
public final class Pem {
    private static final int LINE = 64;

    private Pem() {}

    /** The block, ending in a line feed. */
    public static String encode(String label, byte[] der) {
        String body =
                Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        return begin(label) + "\n" + body + "\n" + end(label) + "\n";
    }

    /**
     * @throws IllegalArgumentException unless the text is exactly one block with this label
     */
    static byte[] decode(String label, String text) {
        String block = text.strip();
        boolean framed =
                block.length() >= begin(label).length() + end(label).length()
                        && block.startsWith(begin(label))
                        && block.endsWith(end(label));
        if (!framed) {
            throw new IllegalArgumentException(
                    "PEM: not one block (expected: " + begin(label) + " ... " + end(label) + ")");
        }
        String body = block.substring(begin(label).length(), block.length() - end(label).length());
        StringBuilder base64 = new StringBuilder(body.length());
        for (int i = 0; i < body.length(); i++) {
            char c = body.charAt(i);
            if (c != '\n' && c != '\r') {
                base64.append(c);
            }
        }
        return Base64.getDecoder().decode(base64.toString());
    }

    private static String begin(String label) {
        return "-----BEGIN " + label + "-----";
    }

    private static String end(String label) {
        return "-----END " + label + "-----";
    }
}
