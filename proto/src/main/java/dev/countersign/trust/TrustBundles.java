package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.util.Optional;

/**
 * The bundles a verifier has loaded, keyed by trust domain. Readers always see the newest; {@link
 * #epoch} changes whenever any bundle does, so that what was derived from them can be dropped.
 */
public interface TrustBundles {
    /** The bundle of this trust domain; empty = nobody of that domain is believed. */
    Optional<TrustBundle> bundle(TrustDomain trustDomain);

    /** Changes with every change of any bundle. */
    long epoch();

    /** Only this bundle, for ever. */
    static TrustBundles fixed(TrustBundle bundle) {
        return new TrustBundles() {
            @Override
            public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
                return bundle.trustDomain().equals(trustDomain)
                        ? Optional.of(bundle)
                        : Optional.empty();
            }

            @Override
            public long epoch() {
                return bundle.epoch();
            }
        };
    }
}
