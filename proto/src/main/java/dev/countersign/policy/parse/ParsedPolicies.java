package dev.countersign.policy.parse;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import java.util.List;

/**
 * What an accepted file holds.
 *
 * @param policies in the order of the file, and so are the others
 * @param warnings what Istio's admission warns about as well
 * @param hints further traps that the policies step near
 */
public record ParsedPolicies(
        List<AuthorizationPolicy> policies,
        List<PeerAuthentication> peerAuthentications,
        List<RequestAuthentication> requestAuthentications,
        List<Notice> warnings,
        List<Notice> hints) {

    public ParsedPolicies {
        policies = List.copyOf(policies);
        peerAuthentications = List.copyOf(peerAuthentications);
        requestAuthentications = List.copyOf(requestAuthentications);
        warnings = List.copyOf(warnings);
        hints = List.copyOf(hints);
    }
}
