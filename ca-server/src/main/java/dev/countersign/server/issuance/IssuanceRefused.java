package dev.countersign.server.issuance;

import java.time.Duration;

/**
 * Nothing was issued, and why. The message carries value and expectation and never a secret.
 *
 * <p>{@code kind} decides the status code; {@code reason} is the stable code that callers, logs and
 * metrics see.
 */
public final class IssuanceRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** What a caller can do about it. */
    public enum Kind {
        /** Who the caller says it is, is not believed. */
        UNAUTHENTICATED,
        /** The request is malformed and will stay so. */
        INVALID,
        /** Believed, and not entitled. */
        FORBIDDEN,
        /** A budget of the caller's own is used up; try later. */
        OVER_BUDGET,
        /** Shed, or something we need is away; try later. */
        UNAVAILABLE,
        /** A fault of ours. */
        INTERNAL
    }

    private final Kind kind;
    private final String reason;
    private final Duration retryAfter;

    /** {@code retryAfter}: when trying again makes sense; zero = not unchanged. */
    public IssuanceRefused(Kind kind, String reason, String message, Duration retryAfter) {
        super(message, null, false, false);
        this.kind = kind;
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    public String reason() {
        return reason;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
