package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One consistent view of the ring for readers.
 *
 * @param state the epoch in force
 * @param authorities the newest first, at least one
 * @param keyHashes of every key that no workload may have: roots of now, before and to come,
 *     bundle signers, intermediates
 */
record RingSnapshot(AuthorityState state, List<Authority> authorities, Set<String> keyHashes) {
    RingSnapshot(AuthorityState state, List<Authority> authorities) {
        this(state, List.copyOf(authorities), keyHashes(state, authorities));
    }

    /** The newest authority under this root; of its issuer before, while there is none of this one. */
    Optional<Authority> under(KnownRoot root) {
        return authorities.stream()
                .filter(authority -> authority.isUnder(root))
                .findFirst()
                .or(() ->
                        authorities.stream()
                                .filter(authority -> authority.leadsTo(root))
                                .findFirst());
    }

    RingSnapshot with(AuthorityState next) {
        return new RingSnapshot(next, authorities);
    }

    RingSnapshot with(List<Authority> others) {
        return new RingSnapshot(state, others);
    }

    private static Set<String> keyHashes(AuthorityState state, List<Authority> authorities) {
        Set<String> hashes = new HashSet<>();
        TrustBundle bundle = state.bundle();
        bundle.roots().forEach(root -> hashes.add(KeyIds.sha256(root.getPublicKey().getEncoded())));
        bundle.signingKeys().forEach(key -> hashes.add(SigningKeys.idOf(key)));
        bundle.nextSigningKey().ifPresent(key -> hashes.add(SigningKeys.idOf(key)));
        state.rotation().holdings().past().forEach(past -> hashes.add(past.keyHash()));
        if (state.rotation() instanceof RotationState.Moving moving) {
            moving.roots().ifPresent(change -> hashes.add(change.to().keyHash()));
        }
        authorities.forEach(authority -> hashes.add(authority.publicKeyHash()));
        return Set.copyOf(hashes);
    }
}
