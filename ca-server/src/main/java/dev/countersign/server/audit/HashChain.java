package dev.countersign.server.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The arithmetic of the log's chains; pure. A chain starts at its genesis, which covers its number,
 * its name and the genesis of the chain made before it, so no chain in the middle can go unnoticed.
 * It advances once per commit: the hash of a batch covers the batch before it and, for each entry in
 * order, the sequence number and the hash of the body. Hashed texts start with a byte that says what
 * they are, as in RFC 6962 section 2.1, so that none can pass for another.
 */
public final class HashChain {
    private static final byte ENTRY = 0;
    private static final byte BATCH = 1;
    private static final byte GENESIS = 2;
    private static final int HASH_BYTES = 32;

    private HashChain() {}

    /**
     * Where a chain stands.
     *
     * @param batches how many it has
     * @param entries how many it has in all
     * @param hash lower-case hex of the last batch, or of the genesis when there is none
     */
    public record Head(long batches, long entries, String hash) {
        /** The head after one more batch. */
        public Head advance(List<Link> links) {
            return new Head(
                    batches + 1, entries + links.size(), batchHash(hash, batches + 1, links));
        }
    }

    /** One entry as the chain sees it. */
    public record Link(long sequence, byte[] entryHash) {}

    /** SHA-256 of a body's bytes, with its own first byte. */
    public static byte[] entryHash(String body) {
        MessageDigest digest = sha256();
        digest.update(ENTRY);
        return digest.digest(body.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Where a chain starts.
     *
     * @param number 1, 2, …: chains are numbered without gaps
     * @param previousGenesis of the chain numbered one less; empty for the first
     */
    public static String genesis(long number, String name, String previousGenesis) {
        MessageDigest digest = sha256();
        digest.update(GENESIS);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        digest.update(previousGenesis.getBytes(StandardCharsets.US_ASCII));
        digest.update((byte) '/');
        return HexFormat.of().formatHex(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
    }

    private static String batchHash(String previous, long number, List<Link> links) {
        ByteBuffer text =
                ByteBuffer.allocate(
                        1
                                + HASH_BYTES
                                + Long.BYTES
                                + Integer.BYTES
                                + links.size() * (Long.BYTES + HASH_BYTES));
        text.put(BATCH).put(HexFormat.of().parseHex(previous)).putLong(number).putInt(links.size());
        for (Link link : links) {
            text.putLong(link.sequence()).put(link.entryHash());
        }
        return HexFormat.of().formatHex(sha256().digest(text.array()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
