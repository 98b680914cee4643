package dev.countersign.server.store;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/** What makes an edge the one it is, in 16 bytes: who, to whom, what, and what was decided. */
final class EdgeKey {
    private static final int LENGTH = 16;

    private EdgeKey() {}

    /**
     * @param labels as they are stored
     */
    static ByteBuffer of(String reporter, String labels, ReportedEdge edge) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            text(hash, reporter);
            text(hash, edge.peer());
            text(hash, edge.peerAddress());
            text(hash, labels);
            text(hash, edge.method());
            text(hash, edge.path());
            ruling(hash, Optional.of(edge.ruling()));
            ruling(hash, edge.dryRun());
            number(hash, edge.port());
            number(hash, edge.http() ? 1 : 0);
            number(hash, edge.direction() == EdgeDirection.INBOUND ? 0 : 1);
            number(hash, edge.tls() == EdgeTls.MTLS ? 1 : 0);
            return ByteBuffer.wrap(Arrays.copyOf(hash.digest(), LENGTH));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    private static void ruling(MessageDigest hash, Optional<Ruling> ruling) {
        number(hash, ruling.map(r -> r.allowed() ? 2 : 1).orElse(0));
        text(hash, ruling.map(Ruling::policy).orElse(""));
        number(hash, ruling.map(Ruling::rule).orElse(-1));
    }

    /** With its length, so that no two lists of texts look alike. */
    private static void text(MessageDigest hash, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(hash, bytes.length);
        hash.update(bytes);
    }

    private static void number(MessageDigest hash, int number) {
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }
}
