package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Roots and intermediates already verified, by trust domain and SHA-256, for one epoch of the
 * bundles. A change of any bundle drops everything. Only what a root of ours vouches for gets in, so
 * strangers cannot fill it; a bound holds all the same.
 */
final class IssuerCache {
    static final int MAX_ISSUERS = 1024;

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
