package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.HandshakeRefusal;

/** An accepted connection that leads nowhere it may go. */
final class Misdirected extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient HandshakeRefusal refusal;

    Misdirected(String code, String detail) {
        super(code + ": " + detail, null, false, false);
        this.refusal = new HandshakeRefusal(code, detail);
    }

    HandshakeRefusal refusal() {
        return refusal;
    }
}
