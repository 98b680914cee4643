/**
 * The edge in: gRPC services and the TLS in front of them.
 *
 * <p>{@link dev.countersign.server.rpc.GrpcEndpoint} listens, {@link
 * dev.countersign.server.rpc.PeerIdentity} says who is at the other end, {@link
 * dev.countersign.server.rpc.StatusMapping} is the only place where refusals become status codes. A
 * service decodes, asks the subject's package, encodes; it decides nothing.
 *
 * <p>Two doors: the workload port (TLS 1.3, client certificate optional: a first certificate needs
 * none) and the admin socket (unix, 0600, peer uid checked). The admin service stands behind both;
 * at the port it takes an operator's certificate and a role that may. {@link
 * dev.countersign.server.rpc.AdminAccess} is before it at either door, {@code AdminMethods} says which
 * action each call is: give a new call its line there, or everybody is refused.
 */
@NullMarked
package dev.countersign.server.rpc;

import org.jspecify.annotations.NullMarked;
