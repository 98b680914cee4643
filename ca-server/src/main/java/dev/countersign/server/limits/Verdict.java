package dev.countersign.server.limits;

import java.time.Duration;

/** Whether a limit lets a call pass. */
public sealed interface Verdict {
    static Verdict pass() {
        return Pass.INSTANCE;
    }

    default boolean passes() {
        return this instanceof Pass;
    }

    /** It may go on. */
    record Pass() implements Verdict {
        private static final Pass INSTANCE = new Pass();
    }

    /**
     * It may not, now.
     *
     * @param limit stable name, UPPER_SNAKE: logged, counted and sent to the caller
     * @param retryAfter when trying again makes sense
     */
    record Exceeded(Limit limit, Duration retryAfter) implements Verdict {}

    /** What was exceeded. */
    enum Limit {
        CAP_SOURCE_HANDSHAKES,
        CAP_HANDSHAKES,
        CAP_SOURCE_TOKEN_CHECKS,
        CAP_TOKEN_CHECKS,
        CAP_SOURCE_CONNECTIONS,
        CAP_CONNECTIONS,
        BUDGET_IDENTITY,
        BUDGET_NAMESPACE,
        BUDGET_KEYS_PER_TOKEN
    }

    /** From a meter's answer: 0 passes. */
    static Verdict of(Limit limit, long nanosToWait) {
        return nanosToWait == 0 ? pass() : new Exceeded(limit, Duration.ofNanos(nanosToWait));
    }
}
