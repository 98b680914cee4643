package dev.countersign.policy.parse;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import java.util.List;

/**
 * What an accepted file holds.
 *
 * @param policies in the order of the file, and so are the others
 * @param mayOpen those of the policies that say by {@code countersign.dev/allow-open} that they may
 *     leave workloads without an ALLOW
 * @param warnings what Istio's admission warns about as well
 * @param hints further traps that the policies step near
 */
public record ParsedPolicies(
        List<AuthorizationPolicy> policies,
        List<PeerAuthentication> peerAuthentications,
        List<RequestAuthentication> requestAuthentications,
        List<AuthorizationPolicy> mayOpen,
        List<Notice> warnings,
        List<Notice> hints) {

    public ParsedPolicies {
        policies = List.copyOf(policies);
        peerAuthentications = List.copyOf(peerAuthentications);
        requestAuthentications = List.copyOf(requestAuthentications);
        mayOpen = List.copyOf(mayOpen);
        warnings = List.copyOf(warnings);
        hints = List.copyOf(hints);
    }

    /** Whether the file says nothing. */
    public boolean isEmpty() {
        return policies.isEmpty()
                && peerAuthentications.isEmpty()
                && requestAuthentications.isEmpty();
    }
}
