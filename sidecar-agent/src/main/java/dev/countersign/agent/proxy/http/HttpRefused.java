package dev.countersign.agent.proxy.http;

/** A message that is not passed on. Thrown on the event loop, caught by its session; no stack. */
public final class HttpRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final HttpRefusal refusal;

    public HttpRefused(HttpRefusal refusal, String message) {
        super(refusal + ": " + message, null, false, false);
        this.refusal = refusal;
    }

    public HttpRefusal refusal() {
        return refusal;
    }
}
