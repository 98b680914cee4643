package dev.countersign.agent.proxy.relay;

/** How a direction of a byte stream ends. Comes in as a user event, goes out as a message. */
public enum StreamSignal {
    /** Everything was sent; the other direction goes on. */
    FINISHED,
    /** Broken off, both directions. */
    RESET
}
