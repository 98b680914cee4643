package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.proxy.http.AddedFields;
import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.policy.Request;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The application's own requests: the peer's agent decides, so paths go on as they are. Whom the
 * application calls, and for what, is counted.
 */
final class OutboundGate implements RequestGate {
    private final EdgeTable edges;
    private final Optional<Callee> callee;
    private final Request connection;
    private final TracedHead traced;
    private @Nullable SpanContext trace;

    /**
     * @param callee empty where it has no identity, or one of several
     */
    OutboundGate(EdgeTable edges, Optional<Callee> callee, TracedHead traced) {
        this.edges = edges;
        this.callee = callee;
        this.traced = traced;
        this.connection = Request.tcp().port(callee.map(Callee::port).orElse(0)).build();
    }

    /** An opaque connection to the peer is open. */
    void connected() {
        callee.ifPresent(called -> edges.called(called.identity(), connection));
    }

    @Override
    public void normalise(RequestHead head) {
        // The receiving side normalises by its mesh's mode.
    }

    @Override
    public Ruling decide(RequestHead head, Runnable again) {
        callee.ifPresent(called ->
                edges.called(
                        called.identity(),
                        connection
                                .httpOnThisConnection()
                                .method(head.method())
                                .path(head.isConnect() ? null : head.path())
                                .build()));
        trace = traced.begin(head);
        return Ruling.Pass.PASS;
    }

    @Override
    public Recheck recheck(RequestHead head) {
        return Recheck.ALWAYS;
    }

    @Override
    public AddedFields addedFields() {
        return trace == null ? AddedFields.NONE : AddedFields.of(List.of(TracedHead.field(trace)));
    }

    @Override
    public @Nullable SpanContext trace() {
        return trace;
    }

    @Override
    public @Nullable Verdict verdict() {
        return null;
    }
}
