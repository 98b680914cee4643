package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.proxy.http.AddedFields;
import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.policy.Request;
import org.jspecify.annotations.Nullable;

/**
 * The application's own requests: the peer's agent decides, so paths go on as they are. Whom the
 * application calls, and for what, is counted.
 */
final class OutboundGate implements RequestGate {
    private final EdgeTable edges;
    private final OutboundListener listener;
    private final Request connection;

    OutboundGate(EdgeTable edges, OutboundListener listener) {
        this.edges = edges;
        this.listener = listener;
        this.connection = Request.tcp().port(listener.targetPort()).build();
    }

    /** An opaque connection to the peer is open. */
    void connected() {
        edges.called(listener.expectedPeer(), connection);
    }

    @Override
    public void normalise(RequestHead head) {
        // The receiving side normalises by its mesh's mode.
    }

    @Override
    public Ruling decide(RequestHead head, Runnable again) {
        edges.called(
                listener.expectedPeer(),
                connection.httpOnThisConnection().method(head.method()).path(head.path()).build());
        return Ruling.Pass.PASS;
    }

    @Override
    public Recheck recheck(RequestHead head) {
        return Recheck.ALWAYS;
    }

    @Override
    public AddedFields addedFields() {
        return AddedFields.NONE;
    }

    @Override
    public @Nullable Verdict verdict() {
        return null;
    }
}
