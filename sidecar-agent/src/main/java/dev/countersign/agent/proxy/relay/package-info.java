/**
 * Bytes from one side to the other, unchanged: opaque connections and what follows an HTTP upgrade.
 *
 * <p>Start with {@link dev.countersign.agent.proxy.relay.RelayHandler}: two of them, one for each
 * channel, on one event loop. A side is not read while the other cannot be written. Each direction
 * ends by itself (half-close), and an end is never confused with a breakdown: a stream finishes with
 * {@link dev.countersign.agent.proxy.relay.StreamSignal#FINISHED} or is broken off with {@link
 * dev.countersign.agent.proxy.relay.StreamSignal#RESET}, and what came in as one goes out as the
 * same.
 *
 * <p>How a signal looks on the wire is the business of the handler in front of the relay:
 *
 * <ul>
 *   <li>{@link dev.countersign.agent.proxy.relay.SocketSignals}: FIN and RST of a plain socket;
 *   <li>{@link dev.countersign.agent.proxy.relay.FrameCodec}: frames inside mTLS between two agents.
 *       TLS would have close_notify for this, but BoringSSL's engine closes both directions on it, so
 *       the end of one direction is a frame of its own, authenticated like the data;
 *   <li>{@link dev.countersign.agent.proxy.relay.TlsSignals}: close_notify, for foreign peers that
 *       know no frames.
 * </ul>
 *
 * <p>Frame: one byte type (0 data, 1 finished, 2 reset), three bytes length, big endian, then that
 * many bytes; length is at least 1 for data and 0 otherwise.
 */
@NullMarked
package dev.countersign.agent.proxy.relay;

import org.jspecify.annotations.NullMarked;
