package dev.countersign.server.federation;

import org.jspecify.annotations.Nullable;

/** Another domain's bundle is not had, or not believed. Message: value and expectation. */
public final class FederationRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        FEDERATION_UNREACHABLE,
        /** Not the endpoint that is configured. */
        FEDERATION_NOT_BELIEVED,
        FEDERATION_MALFORMED,
        FEDERATION_TOO_LARGE,
        /** It counts lower than what is held. */
        FEDERATION_WENT_BACK
    }

    private final Reason reason;

    FederationRefused(Reason reason, String message) {
        this(reason, message, null);
    }

    FederationRefused(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
