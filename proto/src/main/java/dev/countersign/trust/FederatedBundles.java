package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Our own bundle, and those of other trust domains beside it: each vouches for IDs of its own domain
 * and for no other's. Readers always see the newest; safe for many threads.
 */
public final class FederatedBundles implements TrustBundles {
    /** The end of time as certificates and protobuf know it. */
    private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

    /** Above every number of changes that an epoch of our own is told apart by. */
    private static final int CHANGES = 32;

    private final TrustBundles own;
    private volatile Others others = new Others(0, Map.of());

    private record Others(long changes, Map<TrustDomain, TrustBundle> bundles) {}

    public FederatedBundles(TrustBundles own) {
        this.own = own;
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        Optional<TrustBundle> ours = own.bundle(trustDomain);
        return ours.isPresent() ? ours : Optional.ofNullable(others.bundles().get(trustDomain));
    }

    /** Changes with ours and with theirs; says nothing of its own. */
    @Override
    public long epoch() {
        return (own.epoch() << CHANGES) + others.changes();
    }

    /**
     * These are believed from now on, and no others; ours stays as it is.
     *
     * @return whether anything changed
     */
    public synchronized boolean set(Collection<TrustBundle> bundles) {
        Map<TrustDomain, TrustBundle> next = new HashMap<>();
        bundles.forEach(bundle -> next.put(bundle.trustDomain(), bundle));
        if (next.equals(others.bundles())) {
            return false;
        }
        others = new Others(others.changes() + 1, Map.copyOf(next));
        return true;
    }

    /** Another domain's roots as a bundle that vouches for its IDs and signs nothing. */
    public static TrustBundle of(
            TrustDomain trustDomain, List<X509Certificate> roots, long sequence) {
        return new TrustBundle(
                trustDomain,
                Math.max(1, sequence),
                Instant.EPOCH,
                NEVER,
                roots,
                List.of(),
                Optional.empty());
    }
}
