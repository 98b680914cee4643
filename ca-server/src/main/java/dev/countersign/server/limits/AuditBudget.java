package dev.countersign.server.limits;

import java.util.function.LongSupplier;

/**
 * How many entries one caller may cause in the log by being refused: so many at once, then one a
 * minute. What goes beyond is counted elsewhere, so that nobody who is merely known can fill it.
 */
public final class AuditBudget {
    private static final Rate RATE = Rate.of(1.0 / 60, 10);
    private static final int MAX_CALLERS = 10_000;

    private final Meters<String> callers;

    /**
     * @param nanoClock as {@link System#nanoTime}
     */
    public AuditBudget(LongSupplier nanoClock) {
        this.callers = new Meters<>(RATE, MAX_CALLERS, nanoClock);
    }

    /** Whether this refusal is worth an entry of its own. */
    public boolean take(String caller) {
        return callers.take(caller) == 0;
    }
}
