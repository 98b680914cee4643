package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Roots and intermediates already verified, by trust domain and SHA-256, and whole chains, for one
 * epoch of the bundles. A change of any bundle drops everything. Only what a root of ours vouches for gets in, so
 * strangers cannot fill it; a bound holds all the same.
 */
final class IssuerCache {
    static final int MAX_ISSUERS = 1024;

    /** Some 2 KiB each. */
    static final int MAX_PEERS = 256;

    private volatile Generation current = new Generation(Long.MIN_VALUE);

    /** What is known under this epoch. */
    Generation at(long epoch) {
        Generation known = current;
        if (known.epoch != epoch) {
            known = new Generation(epoch);
            current = known; // two threads may race: one generation is lost, none is mixed
        }
        return known;
    }

    /** The same certificate may be trusted in one trust domain and unknown in the next. */
    record Key(TrustDomain trustDomain, String sha256) {
        static Key of(TrustDomain trustDomain, byte[] encoded) {
            return new Key(trustDomain, SigningKeys.sha256(encoded));
        }
    }

    static final class Generation {
        private final long epoch;
        private final Map<Key, TrustedIssuer> issuers = new ConcurrentHashMap<>();
        private final Map<Integer, KnownPeer> peers = new ConcurrentHashMap<>();
        private final Map<TrustDomain, List<CertificateFacts>> roots = new ConcurrentHashMap<>();

        private Generation(long epoch) {
            this.epoch = epoch;
        }

        Optional<TrustedIssuer> find(Key key) {
            return Optional.ofNullable(issuers.get(key));
        }

        void remember(Key key, TrustedIssuer issuer) {
            if (issuers.size() >= MAX_ISSUERS) {
                issuers.clear();
            }
            issuers.put(key, issuer);
        }

        /** Of this very chain, where it was verified under this epoch and is valid now. */
        Optional<VerifiedPeer> peer(List<X509Certificate> chain, Instant now) throws TrustRefused {
            KnownPeer known = peers.get(hash(CertificateFacts.encoded(chain.getFirst(), "leaf")));
            return known != null && known.is(chain, now)
                    ? Optional.of(known.peer())
                    : Optional.empty();
        }

        void remember(KnownPeer peer) {
            if (peers.size() >= MAX_PEERS) {
                peers.clear();
            }
            peers.put(hash(peer.chain().getFirst()), peer);
        }

        /** Two with one hash take turns: whole chains are compared. */
        private static Integer hash(byte[] leaf) {
            return Arrays.hashCode(leaf);
        }

        int peers() {
            return peers.size();
        }

        int size() {
            return issuers.size();
        }

        List<CertificateFacts> rootsOf(TrustBundle bundle) throws TrustRefused {
            List<CertificateFacts> known = roots.get(bundle.trustDomain());
            if (known == null) {
                known = read(bundle);
                roots.put(bundle.trustDomain(), known);
            }
            return known;
        }

        private static List<CertificateFacts> read(TrustBundle bundle) throws TrustRefused {
            List<CertificateFacts> facts = new ArrayList<>();
            for (var root : bundle.roots()) {
                facts.add(CertificateFacts.read(root, "root"));
            }
            return List.copyOf(facts);
        }
    }
}
