package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.trust.VerifiedPeer;
import java.util.List;
import java.util.Optional;

/**
 * Decides every inbound connection and request by the policies in force; the only maker of {@link
 * Permit}. Denies when there is no policy source, no peer identity where one is needed, or a fault.
 */
public interface Authorizer {
    /**
     * The providers that have to be asked before a decision; none where no CUSTOM rule matches, and
     * none where it is denied whatever they say.
     *
     * @param peer who is calling; empty for a plaintext caller
     * @param request what it wants; its source principal must be the peer's
     */
    List<ExternalAuthorizer> providersToAsk(Optional<VerifiedPeer> peer, Request request);

    /**
     * Decides; logs and counts.
     *
     * @param answers of the providers that {@link #providersToAsk} named
     */
    Verdict decide(Optional<VerifiedPeer> peer, Request request, ProviderAnswers answers);

    /**
     * Refuses what was found wanting before any policy; logs and counts.
     *
     * @param why for the admin who asks by the id
     */
    Denied refuse(Optional<VerifiedPeer> peer, Request request, Decision.Reason reason, String why);

    /**
     * Whether an open TCP connection would still be allowed; nothing is logged or counted.
     *
     * @param answers those it was opened with
     */
    boolean stillAllowed(Optional<VerifiedPeer> peer, Request request, ProviderAnswers answers);

    /** As {@link #decide(Optional, Request, ProviderAnswers)} where nobody was asked. */
    default Verdict decide(Optional<VerifiedPeer> peer, Request request) {
        return decide(peer, request, ProviderAnswers.NONE);
    }

    /** As {@link #stillAllowed(Optional, Request, ProviderAnswers)} where nobody was asked. */
    default boolean stillAllowed(Optional<VerifiedPeer> peer, Request request) {
        return stillAllowed(peer, request, ProviderAnswers.NONE);
    }

    /** Whether any policy in force needs HTTP attributes on this port. */
    boolean needsHttp(int port);

    /** Which connections the port takes now; STRICT without a policy source. Never UNSET. */
    MtlsMode mtls(int port);
}
