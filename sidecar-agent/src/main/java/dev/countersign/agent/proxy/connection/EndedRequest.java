package dev.countersign.agent.proxy.connection;

import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.policy.Decision;
import dev.countersign.trust.VerifiedPeer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request of which nothing more will happen: what metrics, access logs and traces are made of.
 *
 * @param status what the caller was answered, 100 to 599; 0 when it was nothing
 * @param protocol {@code http/1.1} or {@code h2}
 * @param method empty when no head could be read
 * @param host the authority, port included
 * @param path as matched and forwarded, without query
 * @param peer on the mTLS side
 * @param port of the workload, or that it calls; 0 for a unix socket
 * @param verdict null where nobody decided
 * @param trace its place in a trace; null where there is none
 * @param grpcStatus {@code grpc-status} of the answer, or -1
 * @param started {@link System#nanoTime()} when its head had been read
 * @param answered the same when the answer's head was there; 0 when there was none
 * @param ended the same when it was over
 * @param requestBytes of its body, as passed on
 * @param responseBytes of the answer's body, as passed on
 */
public record EndedRequest(
        Direction direction,
        RequestOutcome outcome,
        int status,
        String protocol,
        String method,
        String host,
        String path,
        Optional<VerifiedPeer> peer,
        int port,
        @Nullable Verdict verdict,
        @Nullable SpanContext trace,
        int grpcStatus,
        long started,
        long answered,
        long ended,
        long requestBytes,
        long responseBytes) {
    /** Null where nobody decided. */
    public @Nullable Decision decision() {
        return verdict == null ? null : verdict.decision();
    }

    /** AUDIT rules that matched. */
    public List<Decision> audited() {
        return verdict == null ? List.of() : verdict.audited();
    }

    /** 32 lower-case hex digits; empty without a trace. */
    public String traceId() {
        return trace == null ? "" : trace.traceId();
    }

    /** What the caller was told to ask by; empty where it was let in. */
    public String denialId() {
        return verdict instanceof Denied denied ? denied.id() : "";
    }
}
