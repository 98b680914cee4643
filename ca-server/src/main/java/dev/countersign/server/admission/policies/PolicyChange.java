package dev.countersign.server.admission.policies;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.server.admission.review.ReviewRequest.ObjectKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One object that is about to be another, or to be gone.
 *
 * @param next what it says from then on; empty when it is deleted
 */
record PolicyChange(ObjectKind kind, String namespace, String name, Optional<ParsedPolicies> next) {
    private static final String AUTHORIZATION = "AuthorizationPolicy";
    private static final String PEERS = "PeerAuthentication";

    /** Whether it can deny or allow anything by itself. */
    boolean decides() {
        return kind.kind().equals(AUTHORIZATION) || kind.kind().equals(PEERS);
    }

    /** The set that follows. */
    List<AuthorizationPolicy> appliedTo(List<AuthorizationPolicy> now) {
        List<AuthorizationPolicy> after = new ArrayList<>();
        now.stream()
                .filter(one -> !is(AUTHORIZATION, one.group(), one.namespace(), one.name()))
                .forEach(after::add);
        next.ifPresent(parsed -> after.addAll(parsed.policies()));
        return after;
    }

    /** What the mesh says of mutual TLS after it. */
    List<PeerAuthentication> appliedToPeers(List<PeerAuthentication> now) {
        List<PeerAuthentication> after = new ArrayList<>();
        now.stream()
                .filter(one -> !is(PEERS, one.group(), one.namespace(), one.name()))
                .forEach(after::add);
        next.ifPresent(parsed -> after.addAll(parsed.peerAuthentications()));
        return after;
    }

    private boolean is(String otherKind, ApiGroup group, String otherNamespace, String otherName) {
        return kind.kind().equals(otherKind)
                && kind.group().equals(group.group())
                && namespace.equals(otherNamespace)
                && name.equals(otherName);
    }
}
