package dev.countersign.server.authority.rotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an authority has while nothing rotates.
 *
 * @param signing the root that signs intermediates
 * @param standby a root that is in every bundle already and signs nothing yet
 * @param bundleKey signs bundles
 * @param past roots that are no longer in the bundle, oldest first
 */
public record Holdings(
        KnownRoot signing, Optional<KnownRoot> standby, BundleKey bundleKey, List<PastRoot> past) {
    public Holdings {
        past = List.copyOf(past);
    }

    /** An authority with one root and one key. */
    public static Holdings of(KnownRoot root, BundleKey bundleKey) {
        return new Holdings(root, Optional.empty(), bundleKey, List.of());
    }

    /** In the order of bundles. */
    List<KnownRoot> trusted() {
        List<KnownRoot> roots = new ArrayList<>();
        roots.add(signing);
        standby.ifPresent(roots::add);
        return roots;
    }

    /** The change is complete. */
    Holdings after(Change change, Mark at) {
        return switch (change) {
            case Change.OfRoot root -> succeeded(root.from(), root.to(), false, at);
            case Change.OfBundleKey key -> new Holdings(signing, standby, key.to(), past);
        };
    }

    /** {@code to} signs, {@code from} is gone. */
    Holdings succeeded(KnownRoot from, KnownRoot to, boolean distrusted, Mark at) {
        List<PastRoot> gone = new ArrayList<>(past);
        gone.add(PastRoot.of(from, distrusted, at));
        return new Holdings(
                to,
                standby.filter(root -> !root.equals(to) && !root.equals(from)),
                bundleKey,
                gone);
    }

    /** A root that was made and never signed a leaf: its name and key are not used again. */
    Holdings remembering(KnownRoot unused, Mark at) {
        List<PastRoot> gone = new ArrayList<>(past);
        gone.add(PastRoot.of(unused, false, at));
        return new Holdings(signing, standby, bundleKey, gone);
    }

    /** The same root, whose next online issuer signs. */
    Holdings issuedBy(KnownRoot sameRoot) {
        return new Holdings(sameRoot, standby, bundleKey, past);
    }

    Holdings withStandby(KnownRoot root) {
        return new Holdings(signing, Optional.of(root), bundleKey, past);
    }

    Holdings withoutStandby(boolean distrusted, Mark at) {
        List<PastRoot> gone = new ArrayList<>(past);
        standby.ifPresent(root -> gone.add(PastRoot.of(root, distrusted, at)));
        return new Holdings(signing, Optional.empty(), bundleKey, gone);
    }
}
