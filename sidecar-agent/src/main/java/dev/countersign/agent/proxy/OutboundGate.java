package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.http.RequestHead;

/** The application's own requests: the peer's agent decides, so paths go on as they are. */
final class OutboundGate implements RequestGate {
    private static final byte[] NONE = {};

    @Override
    public void normalise(RequestHead head) {
        // The receiving side normalises by its mesh's mode.
    }

    @Override
    public Ruling decide(RequestHead head, Runnable again) {
        return Ruling.Pass.PASS;
    }

    @Override
    public TunnelCheck tunnel(RequestHead head) {
        return () -> true;
    }

    @Override
    public byte[] addedFields() {
        return NONE;
    }
}
