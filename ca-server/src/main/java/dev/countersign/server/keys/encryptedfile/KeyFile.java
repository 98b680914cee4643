package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.x509.Scrypt;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * The text of a key file: a header of fixed lines, the sealed key, and a checksum that tells damage
 * from a wrong passphrase.
 *
 * @param name of the key
 * @param publicKey DER SubjectPublicKeyInfo
 * @param cost of deriving from the passphrase
 * @param salt 16 bytes
 * @param check 16 bytes that only the right passphrase gives
 * @param nonce 12 bytes
 * @param sealed AES-256-GCM ciphertext and tag; everything above it is authenticated with it
 */
record KeyFile(
        String name,
        byte[] publicKey,
        Scrypt cost,
        byte[] salt,
        byte[] check,
        byte[] nonce,
        byte[] sealed) {
    static final int MAX_BYTES = 8 * 1024;
    static final int SALT = 16;
    static final int CHECK = 16;
    static final int NONCE = 12;

    private static final String CHECKSUM = "sha256";
    private static final String MAGIC = "countersign key v1";
    private static final List<String> LABELS =
            List.of(
                    "name",
                    "public-key",
                    "scrypt-n",
                    "scrypt-r",
                    "scrypt-p",
                    "salt",
                    "passphrase-check",
                    "nonce",
                    "sealed-key",
                    CHECKSUM);

    /** The authenticated part: every line above the sealed key. */
    byte[] header() {
        return ascii(headerText());
    }

    byte[] encode() {
        String body = headerText() + line("sealed-key", base64(sealed));
        return ascii(body + line(CHECKSUM, checksum(body)));
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException when it is not exactly what {@link #encode} writes
     */
    static KeyFile decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<String> values = values(text);
        String body = text.substring(0, Math.max(0, text.lastIndexOf(CHECKSUM + ": ")));
        if (!checksum(body).equals(values.getLast())) {
            throw new IllegalArgumentException("checksum differs (expected: an undamaged file)");
        }
        KeyFile file =
                new KeyFile(
                        values.get(0),
                        Base64.getDecoder().decode(values.get(1)),
                        new Scrypt(
                                Integer.parseInt(values.get(2)),
                                Integer.parseInt(values.get(3)),
                                Integer.parseInt(values.get(4))),
                        exactly(SALT, values.get(5)),
                        exactly(CHECK, values.get(6)),
                        exactly(NONCE, values.get(7)),
                        Base64.getDecoder().decode(values.get(8)));
        if (!Arrays.equals(bytes, file.encode())) {
            throw new IllegalArgumentException("encodes differently (expected: as it was written)");
        }
        return file;
    }

    private static List<String> values(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() != 1 + LABELS.size() || !lines.getFirst().equals(MAGIC)) {
            throw new IllegalArgumentException(
                    lines.size()
                            + " lines (expected: "
                            + (1 + LABELS.size())
                            + " of "
                            + MAGIC
                            + ")");
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < LABELS.size(); i++) {
            String start = LABELS.get(i) + ": ";
            String line = lines.get(i + 1);
            if (!line.startsWith(start)) {
                throw new IllegalArgumentException(
                        "line " + (i + 2) + ": another label (expected: " + LABELS.get(i) + ")");
            }
            values.add(line.substring(start.length()));
        }
        return values;
    }

    private String headerText() {
        return MAGIC
                + "\n"
                + line("name", name)
                + line("public-key", base64(publicKey))
                + line("scrypt-n", Integer.toString(cost.n()))
                + line("scrypt-r", Integer.toString(cost.r()))
                + line("scrypt-p", Integer.toString(cost.p()))
                + line("salt", base64(salt))
                + line("passphrase-check", base64(check))
                + line("nonce", base64(nonce));
    }

    private static String line(String label, String value) {
        return label + ": " + value + "\n";
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] exactly(int length, String base64) {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (bytes.length != length) {
            throw new IllegalArgumentException(bytes.length + " bytes (expected: " + length + ")");
        }
        return bytes;
    }

    private static String checksum(String body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(ascii(body)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("SHA-256 is in every JDK", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
