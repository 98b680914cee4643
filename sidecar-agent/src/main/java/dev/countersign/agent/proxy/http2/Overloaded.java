package dev.countersign.agent.proxy.http2;

/** There is room for no more; the message says of what, for the caller. */
public final class Overloaded extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;

    public Overloaded(String what) {
        super(what, null, false, false);
        this.what = what;
    }

    /** What is full, in ASCII. */
    String what() {
        return what;
    }
}
