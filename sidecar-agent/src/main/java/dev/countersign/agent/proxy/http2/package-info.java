/**
 * HTTP/2 (RFC 9113), gRPC included: Netty frames it, this package decides what goes on.
 *
 * <p>Start with {@link dev.countersign.agent.proxy.http2.Http2Front}, a client's connection, {@link
 * dev.countersign.agent.proxy.http2.Http2Exchange}, one request and its response on their two
 * streams, and {@link dev.countersign.agent.proxy.http2.Http2Back}, a connection to where requests
 * go. Decisions are made by the {@link dev.countersign.agent.proxy.http.RequestGate} of HTTP/1.1, one
 * for each stream, on a {@link dev.countersign.agent.proxy.http2.Http2RequestHead}.
 *
 * <p>Invariants: a field that is matched is the field that is forwarded; what an application could
 * read differently resets its stream and is never repaired; frames are relayed as they come, both
 * ways at once, and a window is given back only when the other side has written what came through it,
 * so nothing is buffered beyond one window a stream; identity fields from outside are taken out, in
 * trailers too; a stream that policy no longer allows ends with a status a client understands; the
 * request is sent again only when the other side says that it never looked at it, or when it is safe
 * and without a body and no byte of a response has come.
 *
 * <p>What a client may make us do for nothing is bounded by {@link
 * dev.countersign.agent.proxy.http2.FloodGuard} for each connection and {@link
 * dev.countersign.agent.proxy.http2.StreamQuota} for each peer.
 *
 * <p>Not here: translation between versions of HTTP, server push, priorities, and extended CONNECT
 * (RFC 8441), whose {@code :protocol} is refused as it was never offered.
 */
@NullMarked
package dev.countersign.agent.proxy.http2;

import org.jspecify.annotations.NullMarked;
