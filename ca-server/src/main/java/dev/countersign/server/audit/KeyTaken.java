package dev.countersign.server.audit;

import dev.countersign.identity.SpiffeId;

/** The key of an intent may not be certified for it: nothing was written, nothing may be signed. */
public final class KeyTaken extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient SpiffeId holder;

    public KeyTaken(SpiffeId holder) {
        super("public key: bound to " + holder, null, false, false);
        this.holder = holder;
    }

    /** Whose key it is: an intent's own identity, when it should have brought a new one. */
    public SpiffeId holder() {
        return holder;
    }
}
