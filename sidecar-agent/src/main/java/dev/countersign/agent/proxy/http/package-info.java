/**
 * HTTP/1.1 (RFC 9110, RFC 9112) as a proxy that decides must read it: strictly, because any
 * disagreement with the application about where a request ends or what it asks for is a way around
 * policy.
 *
 * <p>Start with {@link dev.countersign.agent.proxy.http.HttpFront}, a client's connection, and {@link
 * dev.countersign.agent.proxy.http.HttpBack}, where its requests go on to; both directions of the
 * agent use the same two. {@link dev.countersign.agent.proxy.http.RequestGate} decides, {@link
 * dev.countersign.agent.proxy.http.Upstreams} finds the connection, {@link
 * dev.countersign.agent.proxy.http.HttpRefusal} lists everything that is not passed on.
 *
 * <p>Invariants: what is matched is what is forwarded (same path, same fields); a message is passed
 * on with the framing it came with, extensions of chunks left out; identity fields from outside are
 * taken out in both spellings, in trailers and when named in {@code Connection}; a request is sent
 * again only when its method is safe, it has no body, the kept connection had gone stale, and no byte
 * of a response had come; after an upgrade the bytes are opaque, and a protocol that would carry
 * further requests (h2c) cannot be upgraded to; {@code CONNECT} is the last request of its connection,
 * what comes behind it reaches nobody before a 200 that frames no body, and is never read as a request.
 */
@NullMarked
package dev.countersign.agent.proxy.http;

import org.jspecify.annotations.NullMarked;
