package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.util.Optional;

/** Holds the newest believed bundle of one trust domain; fed by {@link #offer}. */
public final class BundleKeeper implements TrustBundles {
    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        return Optional.empty();
    }

    @Override
    public long epoch() {
        return 0;
    }

    /**
     * Believes a bundle by its signature, trust domain, freshness and epoch.
     *
     * @return whether it is newer than what was held
     * @throws TrustRefused when it is not believed; what was held stays
     */
    public boolean offer(SignedTrustBundle signed) throws TrustRefused {
        if (signed.payload().length == 0) {
            throw new TrustRefused(Refusal.BUNDLE_MALFORMED, signed.toString());
        }
        return false;
    }
}
