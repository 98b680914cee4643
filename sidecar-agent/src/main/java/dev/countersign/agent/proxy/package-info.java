/**
 * The data plane of the sidecar: mTLS in front of the application, mTLS towards its peers, and a
 * decision on everything that comes in.
 *
 * <p>Start with {@link dev.countersign.agent.proxy.ProxyServer}. Inbound: accept → TLS, the peer
 * verified by {@code SvidVerifier} → protocol → decision → the application. Outbound: accept from the
 * application → mTLS to exactly the expected peer, pooled for HTTP → relay.
 *
 * <ul>
 *   <li>{@code proxy.tls} contexts by generation, and whom to believe;
 *   <li>{@code proxy.http} strict HTTP/1.1;
 *   <li>{@code proxy.relay} opaque bytes, half-close and reset;
 *   <li>{@code proxy.connection} sockets, counters, the table of what is open.
 * </ul>
 *
 * <p>Invariants: nothing reaches the application without a {@code Permit}; a connection that is
 * refused is closed, counted with its reason and never answered in plaintext; nothing falls back from
 * mTLS; both sides of a connection live on one event loop; bodies are never held whole.
 *
 * <p>A connection may outlive its peer's certificate ({@code proxy.connection.PeerExpiry}): it is
 * counted, and closed or drained only where the server's settings say so.
 */
@NullMarked
package dev.countersign.agent.proxy;

import org.jspecify.annotations.NullMarked;
