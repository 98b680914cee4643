package dev.countersign.server.distribution;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import java.util.List;

/**
 * Everything that was written for a mesh, admitted, of one moment.
 *
 * @param mayOpen those of the policies whose authors accept that they leave workloads without an ALLOW
 */
public record MeshPolicies(
        List<AuthorizationPolicy> policies,
        List<PeerAuthentication> peerAuthentications,
        List<RequestAuthentication> requestAuthentications,
        List<AuthorizationPolicy> mayOpen) {
    public MeshPolicies {
        policies = List.copyOf(policies);
        peerAuthentications = List.copyOf(peerAuthentications);
        requestAuthentications = List.copyOf(requestAuthentications);
        mayOpen = List.copyOf(mayOpen);
    }

    /** Nothing said about mutual TLS and tokens. */
    public static MeshPolicies of(List<AuthorizationPolicy> policies) {
        return new MeshPolicies(policies, List.of(), List.of(), List.of());
    }
}
