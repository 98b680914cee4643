/**
 * An authority above ours that signs by request: a port.
 *
 * <p>Start with {@link dev.countersign.server.authority.upstream.UpstreamIntermediates}, which keeps
 * the next intermediate of this process ready; {@link
 * dev.countersign.server.authority.upstream.UpstreamAuthority} is the port. What comes back is
 * somebody else's: it is held to {@code ceremony.ReplicaRules} and to a test signature, and nothing of
 * it counts before.
 */
@NullMarked
package dev.countersign.server.authority.upstream;

import org.jspecify.annotations.NullMarked;
