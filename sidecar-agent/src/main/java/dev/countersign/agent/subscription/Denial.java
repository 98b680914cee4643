package dev.countersign.agent.subscription;

import dev.countersign.policy.Decision;
import dev.countersign.policy.Workload;
import java.time.Instant;
import java.util.Optional;

/**
 * Denials of one edge, as they are reported to the server.
 *
 * @param id what the callers were told
 * @param firstSeen of this report
 * @param count since the last report with this id
 * @param source SPIFFE ID; empty for a caller without one
 * @param sourceAddress IP address; empty when unknown
 * @param destination empty before the server said who this agent's workload is
 * @param port of the workload
 * @param protocol "http" or "tcp"
 * @param method empty for tcp, as are host and path
 * @param decision what decided
 * @param explanation every policy considered, for an admin; at most {@link #MAX_EXPLANATION} chars
 */
public record Denial(
        String id,
        Instant firstSeen,
        long count,
        String source,
        String sourceAddress,
        Optional<Workload> destination,
        int port,
        String protocol,
        String method,
        String host,
        String path,
        Decision decision,
        String explanation) {
    /** 8 KiB on the wire; characters beyond ASCII are rare in it. */
    public static final int MAX_EXPLANATION = 8000;

    private static final int MAX_METHOD = 32;
    private static final int MAX_HOST = 300;
    private static final int MAX_PATH = 2048;

    public Denial {
        method = cut(method, MAX_METHOD);
        host = cut(host, MAX_HOST);
        path = cut(path, MAX_PATH);
        explanation = cut(explanation, MAX_EXPLANATION);
    }

    /** The same edge again, later. */
    public Denial repeated(Instant since, long times) {
        return new Denial(
                id,
                since,
                times,
                source,
                sourceAddress,
                destination,
                port,
                protocol,
                method,
                host,
                path,
                decision,
                explanation);
    }

    private static String cut(String text, int max) {
        return text.length() > max ? text.substring(0, max - 1) + "…" : text;
    }
}
