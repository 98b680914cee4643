package dev.countersign.server.authority;

import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One consistent view of the ring for readers.
 *
 * @param state the epoch in force
 * @param authorities the newest first, at least one
 * @param keyHashes of every key that no workload may have: roots, bundle signers, intermediates
 */
record RingSnapshot(AuthorityState state, List<Authority> authorities, Set<String> keyHashes) {
    RingSnapshot(AuthorityState state, List<Authority> authorities) {
        this(state, List.copyOf(authorities), keyHashes(state.bundle(), authorities));
    }

    Authority active() {
        return authorities.getFirst();
    }

    RingSnapshot with(AuthorityState next) {
        return new RingSnapshot(next, authorities);
    }

    private static Set<String> keyHashes(TrustBundle bundle, List<Authority> authorities) {
        Set<String> hashes = new HashSet<>();
        bundle.roots().forEach(root -> hashes.add(KeyIds.sha256(root.getPublicKey().getEncoded())));
        bundle.signingKeys().forEach(key -> hashes.add(SigningKeys.idOf(key)));
        bundle.nextSigningKey().ifPresent(key -> hashes.add(SigningKeys.idOf(key)));
        authorities.forEach(authority -> hashes.add(authority.publicKeyHash()));
        return Set.copyOf(hashes);
    }
}
