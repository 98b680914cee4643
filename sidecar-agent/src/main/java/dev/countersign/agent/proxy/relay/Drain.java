package dev.countersign.agent.proxy.relay;

import java.time.Duration;

/**
 * Fired at a connection that is to end without breaking what it carries. HTTP answers what was asked
 * and closes; an opaque stream, in which nobody but its ends knows what is whole, is closed after it
 * has been quiet both ways for a while. Whoever fires it closes what is left at a deadline of its own.
 *
 * @param quiet how long an opaque stream must carry nothing
 */
public record Drain(Duration quiet) {
    public Drain {
        if (!quiet.isPositive()) {
            throw new IllegalArgumentException("quiet: " + quiet + " (expected: > PT0S)");
        }
    }
}
