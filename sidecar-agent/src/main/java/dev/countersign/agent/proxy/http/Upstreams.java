package dev.countersign.agent.proxy.http;

import io.netty.channel.EventLoop;

/** Where requests go on to. Everything happens on the given loop. */
public interface Upstreams {
    /**
     * Finds a connection that is free, or makes one; tells {@code waiter}, perhaps at once.
     *
     * @param fresh whether kept connections are passed over: one has just turned out stale
     */
    void acquire(EventLoop loop, boolean fresh, Waiter waiter);

    /** Gives back a connection that is ready for another request. */
    void release(HttpBack back);

    /** The connection closed while nobody was using it. */
    void lost(HttpBack back);

    /** The front that these upstreams were made for has closed. */
    void frontClosed();

    /** Who asked for a connection. */
    interface Waiter {
        void ready(HttpBack back);

        void failed(Throwable cause);
    }
}
