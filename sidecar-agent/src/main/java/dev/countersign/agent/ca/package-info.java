/**
 * The one way to the CA: a connection that is believed, and a request for a certificate over it.
 *
 * <p>Start with {@link dev.countersign.agent.ca.CaClient}, the port, then {@link
 * dev.countersign.agent.ca.CaChannels}: every connection to the CA is made there. A server is
 * believed when its chain verifies under the bundle <em>and</em> its SPIFFE ID is exactly the CA's;
 * a valid certificate alone, or a DNS name, is not enough, because every workload of the mesh has
 * one. The handshake ends before the first byte of a request leaves, so an impostor never sees a
 * token.
 *
 * <p>Roots that changed while an agent slept are found again by {@link
 * dev.countersign.agent.ca.BundleRecovery}: over a connection that is not believed, carrying no
 * secret either way, and the bundle is believed by its signature alone.
 *
 * <p>Invariants: the token is read from its file at every use and is in no log, message or {@code
 * toString}; TLS 1.3 only; no session resumption, because it skips verification.
 */
@NullMarked
package dev.countersign.agent.ca;

import org.jspecify.annotations.NullMarked;
