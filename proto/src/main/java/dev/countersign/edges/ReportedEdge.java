package dev.countersign.edges;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One edge as its reporter tells it: everything but the reporter itself, whom the server knows by its
 * certificate.
 *
 * @param peer SPIFFE ID of the other side; empty where it has none
 * @param peerAddress IP address of a peer without SPIFFE ID; {@link #ANY} where many are counted
 *     together; empty otherwise
 * @param port of the destination
 * @param http whether requests were seen; else a TCP connection
 * @param method empty for TCP; {@link #ANY} where many are counted together
 * @param path a template, see {@link PathShape}; empty for TCP
 * @param ruling what was enforced
 * @param dryRun what would have been decided were every policy in DryRun enforced; empty where no
 *     such policy applies
 * @param count how many since the last report of this edge, at least 1
 * @param firstSeen of those
 * @param lastSeen of those
 */
public record ReportedEdge(
        EdgeDirection direction,
        String peer,
        String peerAddress,
        int port,
        boolean http,
        String method,
        String path,
        Ruling ruling,
        Optional<Ruling> dryRun,
        EdgeTls tls,
        long count,
        Instant firstSeen,
        Instant lastSeen) {
    /** Many, counted together. */
    public static final String ANY = "*";

    public static final int MAX_PEER = 2048;
    public static final int MAX_ADDRESS = 64;
    public static final int MAX_METHOD = 32;
    public static final int MAX_PATH = 512;
    public static final int MAX_POLICY = 512;

    public ReportedEdge {
        Objects.requireNonNull(direction, "direction");
        atMost("peer", peer, MAX_PEER);
        atMost("peerAddress", peerAddress, MAX_ADDRESS);
        atMost("method", method, MAX_METHOD);
        atMost("path", path, MAX_PATH);
        atMost("policy", ruling.policy(), MAX_POLICY);
        dryRun.ifPresent(shadow -> atMost("dryRun.policy", shadow.policy(), MAX_POLICY));
        Objects.requireNonNull(tls, "tls");
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
        }
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
        }
        if (lastSeen.isBefore(firstSeen)) {
            throw new IllegalArgumentException(
                    "lastSeen: " + lastSeen + " (expected: not before " + firstSeen + ")");
        }
    }

    private static void atMost(String field, String text, int max) {
        if (text.length() > max) {
            throw new IllegalArgumentException(
                    field + ": " + text.length() + " characters (expected: <= " + max + ")");
        }
    }
}
