package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** The application's own requests: the peer's agent decides, so paths go on as they are. */
final class OutboundGate implements RequestGate {
    private static final byte[] NONE = {};

    @Override
    public void normalise(RequestHead head) {
        // The receiving side normalises by its mesh's mode.
    }

    @Override
    public @Nullable String deny(RequestHead head) {
        return null;
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
