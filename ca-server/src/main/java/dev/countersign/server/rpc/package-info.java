/**
 * The edge in: gRPC services and the TLS in front of them.
 *
 * <p>{@link dev.countersign.server.rpc.GrpcEndpoint} listens, {@link
 * dev.countersign.server.rpc.PeerIdentity} says who is at the other end, {@link
 * dev.countersign.server.rpc.StatusMapping} is the only place where refusals become status codes. A
 * service decodes, asks the subject's package, encodes; it decides nothing.
 *
 * <p>Three doors: the workload port (TLS 1.3, client certificate optional: a first certificate needs
 * none), the admin socket (unix, 0600, peer uid checked) and, when configured, the admin port (mTLS
 * with an operator's certificate).
 */
@NullMarked
package dev.countersign.server.rpc;

import org.jspecify.annotations.NullMarked;
