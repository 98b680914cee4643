package dev.countersign.server.authority.rotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the phases of a rotation share, from the moment its successor exists.
 *
 * @param holdings as they were before it, and are again when it is undone
 * @param rotation who began it and how
 * @param change what takes the place of what
 * @param since when this phase began
 * @param trustedSince the first epoch that says of trust what the newest says
 */
public record Course(
        Holdings holdings, Rotation rotation, Change change, Mark since, long trustedSince) {
    Course next(Mark mark, boolean trustChanges) {
        return new Course(
                holdings, rotation, change, mark, trustChanges ? mark.epoch() : trustedSince);
    }

    Course with(Rotation changed) {
        return new Course(holdings, changed, change, since, trustedSince);
    }

    /** Back the way it came. */
    Course turned(Mark mark) {
        return new Course(
                holdings,
                rotation.turned(),
                change.reversed(),
                mark,
                change instanceof Change.OfRoot ? trustedSince : mark.epoch());
    }

    /** Whether teaching verifiers the successor changes what they trust: a standby they know. */
    boolean isNews() {
        return switch (change) {
            case Change.OfRoot root -> !holdings.trusted().contains(root.to());
            case Change.OfBundleKey key -> true;
        };
    }

    List<KnownRoot> trustedBefore() {
        return holdings.trusted();
    }

    List<KnownRoot> trustedBoth() {
        List<KnownRoot> roots = new ArrayList<>(holdings.trusted());
        if (change instanceof Change.OfRoot root) {
            for (KnownRoot one : List.of(root.from(), root.to())) {
                if (!roots.contains(one)) {
                    roots.add(one);
                }
            }
        }
        return List.copyOf(roots);
    }

    List<KnownRoot> trustedAfter() {
        List<KnownRoot> roots = new ArrayList<>(trustedBoth());
        if (change instanceof Change.OfRoot root) {
            roots.remove(root.from());
        }
        return List.copyOf(roots);
    }

    KnownRoot signsBefore() {
        return change instanceof Change.OfRoot root ? root.from() : holdings.signing();
    }

    KnownRoot signsAfter() {
        return change instanceof Change.OfRoot root ? root.to() : holdings.signing();
    }

    BundleKeys keysAnnounced() {
        return switch (change) {
            case Change.OfRoot root -> BundleKeys.of(holdings.bundleKey());
            case Change.OfBundleKey key ->
                    new BundleKeys(key.from(), List.of(key.from()), Optional.of(key.to()));
        };
    }

    BundleKeys keysBoth() {
        return switch (change) {
            case Change.OfRoot root -> BundleKeys.of(holdings.bundleKey());
            case Change.OfBundleKey key ->
                    new BundleKeys(key.to(), List.of(key.to(), key.from()), Optional.empty());
        };
    }

    BundleKeys keysAfter() {
        return switch (change) {
            case Change.OfRoot root -> BundleKeys.of(holdings.bundleKey());
            case Change.OfBundleKey key -> BundleKeys.of(key.to());
        };
    }
}
