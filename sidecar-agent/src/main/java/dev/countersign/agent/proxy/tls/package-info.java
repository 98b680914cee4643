/**
 * TLS between agents: BoringSSL, TLS 1.3 only, client certificates required, nothing resumed.
 *
 * <p>Start with {@link dev.countersign.agent.proxy.tls.TlsContexts}: one set of contexts for each
 * generation of the held identity, swapped atomically; a connection keeps the one it began with, so a
 * rotation never breaks it. {@link dev.countersign.agent.proxy.tls.PeerTrustManager} hands every
 * chain to {@code SvidVerifier} and the deny list; no other code decides whom to believe, and host
 * names play no part.
 *
 * <p>Tickets, the session cache and early data are off on both sides: resumption skips peer
 * verification. The hybrid group X25519MLKEM768 comes first.
 *
 * <p>ALPN says how the bytes inside are laid out: {@value
 * dev.countersign.agent.proxy.tls.Alpn#FRAMED} carries a byte stream in frames (see the relay
 * package: BoringSSL's engine cannot half-close), {@value dev.countersign.agent.proxy.tls.Alpn#HTTP}
 * and a peer that offers nothing carry bare bytes.
 */
@NullMarked
package dev.countersign.agent.proxy.tls;

import org.jspecify.annotations.NullMarked;
