package dev.countersign.agent.proxy;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;

/**
 * When there is room for no more.
 *
 * @param connectionsPerListener accepted at a time by one listener, so that one port's callers leave
 *     room for another's
 * @param connectionsPerPeer inbound ones of one identity at a time
 * @param bufferBytes memory that connections may hold in buffers; above it requests are answered with
 *     503 instead of being passed on
 * @param stall how long a client that is sent something takes nothing of it, or one that owes the
 *     rest of a body sends nothing, before its connection is closed
 */
public record OverloadLimits(
        int connectionsPerListener, int connectionsPerPeer, long bufferBytes, Duration stall) {
    public OverloadLimits {
        if (connectionsPerListener < 1) {
            throw new IllegalArgumentException(
                    "connectionsPerListener: " + connectionsPerListener + " (expected: >= 1)");
        }
        if (connectionsPerPeer < 1) {
            throw new IllegalArgumentException(
                    "connectionsPerPeer: " + connectionsPerPeer + " (expected: >= 1)");
        }
        if (bufferBytes < 1) {
            throw new IllegalArgumentException("bufferBytes: " + bufferBytes + " (expected: >= 1)");
        }
        if (!stall.isPositive()) {
            throw new IllegalArgumentException("stall: " + stall + " (expected: > PT0S)");
        }
    }

    /** Three quarters of what the process may take in buffers: answering takes some as well. */
    public static OverloadLimits defaults() {
        return new OverloadLimits(
                10_000, 5_000, PlatformDependent.maxDirectMemory() / 4 * 3, Duration.ofSeconds(60));
    }
}
