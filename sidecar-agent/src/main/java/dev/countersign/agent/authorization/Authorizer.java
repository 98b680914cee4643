package dev.countersign.agent.authorization;

import dev.countersign.policy.Request;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.trust.VerifiedPeer;
import java.util.Optional;

/**
 * Decides every inbound connection and request by the policies in force; the only maker of {@link
 * Permit}. Denies when there is no policy source, no peer identity where one is needed, or a fault.
 */
public interface Authorizer {
    /**
     * @param peer who is calling; empty for a plaintext caller
     * @param request what it wants; its source principal must be the peer's
     */
    Verdict decide(Optional<VerifiedPeer> peer, Request request);

    /** Whether an open TCP connection would still be allowed; nothing is logged or counted. */
    boolean stillAllowed(Optional<VerifiedPeer> peer, Request request);

    /** Whether any policy in force needs HTTP attributes on this port. */
    boolean needsHttp(int port);

    /** Which connections the port takes now; STRICT without a policy source. Never UNSET. */
    MtlsMode mtls(int port);
}
