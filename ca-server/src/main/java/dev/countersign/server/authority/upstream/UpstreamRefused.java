package dev.countersign.server.authority.upstream;

import org.jspecify.annotations.Nullable;

/** Upstream signs nothing now. Message: value and expectation; never a token. */
public final class UpstreamRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        /** The file with the token cannot be read. */
        UPSTREAM_TOKEN,
        UPSTREAM_UNREACHABLE,
        UPSTREAM_TOO_SLOW,
        /** The token is not believed, or may not do this. */
        UPSTREAM_FORBIDDEN,
        /** No such mount or role. */
        UPSTREAM_NOT_FOUND,
        /** It refuses this request. */
        UPSTREAM_REFUSED,
        /** Sealed, standby, or out of order. */
        UPSTREAM_UNAVAILABLE,
        /** Another answer than documented, or too large. */
        UPSTREAM_MALFORMED
    }

    private final Reason reason;

    public UpstreamRefused(Reason reason, String message) {
        this(reason, message, null);
    }

    public UpstreamRefused(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
