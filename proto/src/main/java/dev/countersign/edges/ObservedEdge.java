package dev.countersign.edges;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One edge as the server has it on record.
 *
 * @param source SPIFFE ID; empty for a caller without one
 * @param sourceAddress IP address of a caller without SPIFFE ID, {@link ReportedEdge#ANY} where many
 *     are counted together; empty otherwise
 * @param destination SPIFFE ID; an address where the destination has none
 * @param labels of the destination, sorted, as the server recorded them: what policies select by;
 *     empty where the source reported
 * @param observedBy which side reported
 * @param port of the destination
 * @param protocol {@code http} or {@code tcp}
 * @param method empty for TCP
 * @param pathTemplate empty for TCP
 * @param ruling what was enforced when it was seen
 * @param dryRun what policies in DryRun would have made of it; empty where none applied
 * @param count in the window, by whole days
 */
public record ObservedEdge(
        String source,
        String sourceAddress,
        String destination,
        Map<String, String> labels,
        EdgeDirection observedBy,
        int port,
        String protocol,
        String method,
        String pathTemplate,
        Ruling ruling,
        Optional<Ruling> dryRun,
        EdgeTls tls,
        long count,
        Instant firstSeen,
        Instant lastSeen) {
    public static final String HTTP = "http";
    public static final String TCP = "tcp";

    public ObservedEdge {
        labels = java.util.Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    public boolean isHttp() {
        return protocol.equals(HTTP);
    }

    /** What was asked for: {@code GET /orders/{*}}, or {@code tcp}. */
    public String what() {
        return isHttp() ? method + " " + pathTemplate : protocol;
    }

    /** Who called, for a person. */
    public String caller() {
        if (!source.isEmpty()) {
            return source;
        }
        return sourceAddress.isEmpty() ? "(no identity)" : "(no identity) " + sourceAddress;
    }
}
