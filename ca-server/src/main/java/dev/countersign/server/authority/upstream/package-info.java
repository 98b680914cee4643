/**
 * An authority above ours that signs by request: a port.
 *
 * <p>Start with {@link dev.countersign.server.authority.upstream.UpstreamAuthority}. What comes back
 * is somebody else's: it is held to {@code ceremony.ImportRules} and to a test signature like every
 * import, and nothing of it counts before.
 */
@NullMarked
package dev.countersign.server.authority.upstream;

import org.jspecify.annotations.NullMarked;
