package dev.countersign.agent.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Named sections and a SHA-256 over all of them: any other bit is another file. */
final class StateFormat {
    private static final byte[] MAGIC =
            "countersign agent state v1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST = 32;
    private static final int MAX_SECTIONS = 16;

    private StateFormat() {}

    static byte[] encode(SortedMap<String, byte[]> sections) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(MAGIC);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(sections.size());
            for (Map.Entry<String, byte[]> section : sections.entrySet()) {
                out.writeUTF(section.getKey());
                out.writeInt(section.getValue().length);
                out.write(section.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes.writeBytes(sha256(bytes.toByteArray()));
        return bytes.toByteArray();
    }

    /**
     * @throws IOException when a single byte is not as it was written
     */
    static SortedMap<String, byte[]> decode(byte[] file) throws IOException {
        if (file.length < MAGIC.length + DIGEST
                || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException("not a state file of this version");
        }
        int end = file.length - DIGEST;
        byte[] digest = sha256(Arrays.copyOf(file, end));
        if (!MessageDigest.isEqual(digest, Arrays.copyOfRange(file, end, file.length))) {
            throw new IOException("checksum does not fit");
        }
        return sections(file, end);
    }

    private static SortedMap<String, byte[]> sections(byte[] file, int end) throws IOException {
        SortedMap<String, byte[]> sections = new TreeMap<>();
        try (DataInputStream in =
                new DataInputStream(
                        new ByteArrayInputStream(file, MAGIC.length, end - MAGIC.length))) {
            int count = in.readInt();
            if (count < 0 || count > MAX_SECTIONS) {
                throw new IOException("sections: " + count + " (expected: 0 to 16)");
            }
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                int length = in.readInt();
                if (length < 0 || length > in.available()) {
                    throw new IOException("section " + name + ": " + length + " bytes");
                }
                sections.put(name, in.readNBytes(length));
            }
        }
        return sections;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
