package dev.countersign.agent.proxy.http2;

import java.time.Duration;

/**
 * Bounds of HTTP/2 connections.
 *
 * @param streams that a client may have open on one connection
 * @param streamsPerPeer that one peer may have open on all its connections
 * @param streamWindow bytes of a stream that may be on their way through, at most
 * @param connectionWindow the same of all streams of a connection
 * @param headerList bytes of one header list, counted as RFC 9113 section 6.5.2 does
 * @param connections to the application for each connection of a peer, or to one peer for each event
 *     loop
 * @param keepAlive of a connection between agents, or from a foreign client
 */
public record Http2Limits(
        int streams,
        int streamsPerPeer,
        int streamWindow,
        int connectionWindow,
        int headerList,
        int connections,
        KeepAlive.Settings keepAlive) {
    /**
     * What a window is before settings say otherwise. Never less: a client that has sent by the old
     * number when it learns of a smaller one would wait for an update that nothing causes.
     */
    private static final int LEAST_WINDOW = 65_535;

    public Http2Limits {
        atLeast("streams", streams, 1);
        atLeast("streamsPerPeer", streamsPerPeer, 1);
        atLeast("streamWindow", streamWindow, LEAST_WINDOW);
        atLeast("connectionWindow", connectionWindow, LEAST_WINDOW);
        atLeast("headerList", headerList, 1);
        atLeast("connections", connections, 1);
    }

    public static Http2Limits defaults() {
        return new Http2Limits(
                100,
                2000,
                256 * 1024,
                1024 * 1024,
                64 * 1024,
                16,
                new KeepAlive.Settings(Duration.ofSeconds(10), Duration.ofSeconds(3)));
    }

    /** The same, but for three of them. */
    public Http2Limits with(
            int newStreams, int newStreamsPerPeer, KeepAlive.Settings newKeepAlive) {
        return new Http2Limits(
                newStreams,
                newStreamsPerPeer,
                streamWindow,
                connectionWindow,
                headerList,
                connections,
                newKeepAlive);
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
