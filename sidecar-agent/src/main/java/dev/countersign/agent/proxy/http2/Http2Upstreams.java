package dev.countersign.agent.proxy.http2;

/** Where streams go on to. Everything happens on the event loop of the front. */
public interface Http2Upstreams {
    /**
     * Finds a connection that takes one more stream, or makes one; tells {@code waiter}, perhaps at
     * once.
     *
     * @param fresh whether connections that are already there are passed over: one has just turned
     *     out stale
     */
    void acquire(boolean fresh, Waiter waiter);

    /** The connection has closed. */
    void lost(Http2Back back);

    /** The connection carries nothing any more. */
    void idle(Http2Back back);

    /** The front that these upstreams were made for has closed. */
    void frontClosed();

    /** Who asked for a connection. */
    interface Waiter {
        void ready(Http2Back back);

        void failed(Throwable cause);
    }
}
