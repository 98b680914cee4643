package dev.countersign.agent.proxy.http2;

/** There is room for no more; the message says of what, for the caller. */
public final class Overloaded extends Exception {
    private static final long serialVersionUID = 1L;

    public Overloaded(String what) {
        super(what, null, false, false);
    }
}
