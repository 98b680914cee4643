package dev.countersign.server.authority.rotation;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the authority stands: what bundles say and who signs follow from it. Each state has the moves
 * that lead on from it; every move takes the epoch that it makes.
 */
public sealed interface RotationState {
    Phase phase();

    Holdings holdings();

    /** When this phase began. */
    Mark since();

    /** A verifier that has loaded this epoch or a later one trusts what the newest bundle says. */
    long trustedSince();

    /** The roots of the bundle, in its order. */
    List<KnownRoot> trusted();

    /** The root that signs intermediates. */
    KnownRoot signing();

    /** The keys of the bundle. */
    BundleKeys bundleKeys();

    /** What is under way; empty when nothing rotates. */
    Optional<Rotation> rotation();

    /** The state an authority begins in. */
    static RotationState first(KnownRoot root, BundleKey key, Mark at) {
        return new Stable(Holdings.of(root, key), at, at.epoch());
    }

    /** Who gets the new root first, in the phase that has them. */
    default Optional<CanarySelector> canaries() {
        return Optional.empty();
    }

    /** The root that signs for {@link #canaries}. */
    default Optional<KnownRoot> canaryRoot() {
        return Optional.empty();
    }

    /** Whose leaves may come into being: R1 is about these. */
    default List<KnownRoot> signers() {
        return canaryRoot().map(canary -> List.of(signing(), canary)).orElse(List.of(signing()));
    }

    /** What a leaf's chain shows above the intermediates of {@code root}, for who knows another. */
    default Optional<X509Certificate> cross(KnownRoot root) {
        return Optional.empty();
    }

    /** Nothing rotates. */
    record Stable(Holdings holdings, Mark since, long trustedSince) implements RotationState {
        @Override
        public Phase phase() {
            return Phase.STABLE;
        }

        @Override
        public List<KnownRoot> trusted() {
            return holdings.trusted();
        }

        @Override
        public KnownRoot signing() {
            return holdings.signing();
        }

        @Override
        public BundleKeys bundleKeys() {
            return BundleKeys.of(holdings.bundleKey());
        }

        @Override
        public Optional<Rotation> rotation() {
            return Optional.empty();
        }

        /**
         * A rotation begins: the name of the new key is on record before there is one.
         *
         * @param keyName of the successor: a new one, or the standby's
         */
        public Preparing prepare(
                Rotation rotation, Change.Subject subject, String keyName, Mark at) {
            return new Preparing(holdings, rotation, subject, keyName, at, trustedSince);
        }

        /** A further root that verifiers learn to trust long before it signs. */
        public Stable standBy(KnownRoot root, Mark at) {
            return new Stable(holdings.withStandby(root), at, at.epoch());
        }

        /**
         * The next online issuer of the same root signs; nobody's trust changes.
         *
         * @throws IllegalArgumentException when it is below another root
         */
        public Stable issuedBy(KnownRoot sameRoot) {
            if (!sameRoot.isSameRoot(holdings.signing())) {
                throw new IllegalArgumentException(
                        "issuer: below root "
                                + sameRoot.keyId()
                                + " (expected: below "
                                + holdings.signing().keyId()
                                + ")");
            }
            return new Stable(holdings.issuedBy(sameRoot), since, trustedSince);
        }

        /** The standby leaves the bundle; it has signed nothing. */
        public Stable withoutStandby(Mark at) {
            return new Stable(holdings.withoutStandby(false, at), at, at.epoch());
        }

        /**
         * The signing root is taken out at once, and the standby signs; or the standby is taken out.
         *
         * @throws IllegalArgumentException unless {@code keyId} is one of them
         * @throws IllegalStateException when the signing root has no standby: prepare first
         */
        public Stable distrust(String keyId, Mark at) {
            if (holdings.standby().filter(root -> root.keyId().equals(keyId)).isPresent()) {
                return new Stable(holdings.withoutStandby(true, at), at, at.epoch());
            }
            if (!holdings.signing().keyId().equals(keyId)) {
                throw unknown(keyId);
            }
            KnownRoot standby =
                    holdings.standby()
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "root "
                                                    + keyId
                                                    + ": signs, and there is no other"
                                                    + " (expected: one that can take its"
                                                    + " place)"));
            return new Stable(
                    holdings.succeeded(holdings.signing(), standby, true, at), at, at.epoch());
        }
    }

    /** The successor is to be made under this name, and is not there yet. */
    record Preparing(
            Holdings holdings,
            Rotation under,
            Change.Subject subject,
            String keyName,
            Mark since,
            long trustedSince)
            implements RotationState {
        @Override
        public Phase phase() {
            return Phase.PREPARED;
        }

        @Override
        public List<KnownRoot> trusted() {
            return holdings.trusted();
        }

        @Override
        public KnownRoot signing() {
            return holdings.signing();
        }

        @Override
        public BundleKeys bundleKeys() {
            return BundleKeys.of(holdings.bundleKey());
        }

        @Override
        public Optional<Rotation> rotation() {
            return Optional.of(under);
        }

        /** The successor is there: made, linted, test-signed, cross-signed. */
        public Prepared made(Change change, Mark at) {
            return new Prepared(new Course(holdings, under, change, at, trustedSince));
        }

        /** Nothing was made. */
        public Stable undo(Mark at) {
            return new Stable(holdings, at, trustedSince);
        }

        Preparing with(Rotation changed) {
            return new Preparing(holdings, changed, subject, keyName, since, trustedSince);
        }
    }

    /** A state of a rotation whose successor exists. */
    sealed interface Moving extends RotationState {
        Course course();

        /** The same phase with another record of decisions. */
        Moving with(Rotation changed);

        @Override
        default Holdings holdings() {
            return course().holdings();
        }

        @Override
        default Mark since() {
            return course().since();
        }

        @Override
        default long trustedSince() {
            return course().trustedSince();
        }

        @Override
        default Optional<Rotation> rotation() {
            return Optional.of(course().rotation());
        }

        default Change change() {
            return course().change();
        }

        /** Empty when what rotates is no root. */
        default Optional<Change.OfRoot> roots() {
            return change() instanceof Change.OfRoot root ? Optional.of(root) : Optional.empty();
        }

        @Override
        default Optional<X509Certificate> cross(KnownRoot root) {
            return roots().filter(change -> change.to().equals(root)).flatMap(Change.OfRoot::cross);
        }

        /**
         * One of the two roots is taken out at once, and the other signs.
         *
         * @throws IllegalArgumentException when {@code keyId} is neither
         */
        default Stable distrust(String keyId, Mark at) {
            Change.OfRoot change = roots().orElseThrow(() -> unknown(keyId));
            KnownRoot out = change.from().keyId().equals(keyId) ? change.from() : change.to();
            KnownRoot stays = out.equals(change.from()) ? change.to() : change.from();
            if (!out.keyId().equals(keyId)) {
                throw unknown(keyId);
            }
            return new Stable(holdings().succeeded(out, stays, true, at), at, at.epoch());
        }
    }

    /** The successor is there; nobody knows it. */
    record Prepared(Course course) implements Moving {
        @Override
        public Phase phase() {
            return Phase.PREPARED;
        }

        @Override
        public List<KnownRoot> trusted() {
            return course.trustedBefore();
        }

        @Override
        public KnownRoot signing() {
            return course.signsBefore();
        }

        @Override
        public BundleKeys bundleKeys() {
            return BundleKeys.of(course.holdings().bundleKey());
        }

        @Override
        public Optional<X509Certificate> cross(KnownRoot root) {
            return Optional.empty();
        }

        @Override
        public Prepared with(Rotation changed) {
            return new Prepared(course.with(changed));
        }

        /** Verifiers are taught. */
        public Distributing distribute(Mark at) {
            return new Distributing(course.next(at, course.isNews()));
        }

        /** The successor is thrown away. */
        public Stable undo(Mark at) {
            return new Stable(forgotten(course, at), at, course.trustedSince());
        }
    }

    /** Both are trusted, the old one signs. */
    record Distributing(Course course) implements Moving {
        @Override
        public Phase phase() {
            return Phase.DISTRIBUTING;
        }

        @Override
        public List<KnownRoot> trusted() {
            return course.trustedBoth();
        }

        @Override
        public KnownRoot signing() {
            return course.signsBefore();
        }

        @Override
        public BundleKeys bundleKeys() {
            return course.keysAnnounced();
        }

        @Override
        public Distributing with(Rotation changed) {
            return new Distributing(course.with(changed));
        }

        /** The new root signs for some. */
        public Canary canary(Mark at) {
            return new Canary(course.next(at, false));
        }

        /** The new one signs. */
        public Active activate(Mark at) {
            return new Active(course.next(at, course.change() instanceof Change.OfBundleKey));
        }

        /** The old content as a new epoch; only while nothing was signed by the successor. */
        public Stable undo(Mark at) {
            return new Stable(
                    forgotten(course, at),
                    at,
                    course.isNews() ? at.epoch() : course.trustedSince());
        }
    }

    /** Both are trusted, the new root signs for some. */
    record Canary(Course course) implements Moving {
        @Override
        public Phase phase() {
            return Phase.CANARY;
        }

        @Override
        public List<KnownRoot> trusted() {
            return course.trustedBoth();
        }

        @Override
        public KnownRoot signing() {
            return course.signsBefore();
        }

        @Override
        public BundleKeys bundleKeys() {
            return course.keysAnnounced();
        }

        @Override
        public Optional<CanarySelector> canaries() {
            return course.rotation().plan().canary();
        }

        @Override
        public Optional<KnownRoot> canaryRoot() {
            return Optional.of(course.signsAfter());
        }

        @Override
        public Canary with(Rotation changed) {
            return new Canary(course.with(changed));
        }

        /** The new root signs for all. */
        public Active activate(Mark at) {
            return new Active(course.next(at, false));
        }

        /** The canaries get certificates of the old root again; theirs of the new one are drained. */
        public Active undo(Mark at) {
            return new Active(course.turned(at));
        }
    }

    /** Both are trusted, the new one signs; perhaps not every replica knows. */
    record Active(Course course) implements Moving {
        @Override
        public Phase phase() {
            return Phase.ACTIVE;
        }

        @Override
        public List<KnownRoot> trusted() {
            return course.trustedBoth();
        }

        @Override
        public KnownRoot signing() {
            return course.signsAfter();
        }

        @Override
        public BundleKeys bundleKeys() {
            return course.keysBoth();
        }

        /** What was planned before is still signed. */
        @Override
        public List<KnownRoot> signers() {
            return course.change() instanceof Change.OfRoot root
                    ? List.of(root.to(), root.from())
                    : List.of(signing());
        }

        @Override
        public Active with(Rotation changed) {
            return new Active(course.with(changed));
        }

        /**
         * Every replica knows: nothing is signed by the old one any more.
         *
         * @param longestLife of what is left under it
         */
        public Draining drain(Duration longestLife, Mark at) {
            return new Draining(course.next(at, false), longestLife);
        }

        /** The old one signs again, and what the new one signed is drained. */
        public Active undo(Mark at) {
            return new Active(course.turned(at));
        }
    }

    /**
     * What the old one signed comes to its end.
     *
     * @param longestLife of what was left under it when this began
     */
    record Draining(Course course, Duration longestLife) implements Moving {
        @Override
        public Phase phase() {
            return Phase.DRAINING;
        }

        @Override
        public List<KnownRoot> trusted() {
            return course.trustedBoth();
        }

        @Override
        public KnownRoot signing() {
            return course.signsAfter();
        }

        @Override
        public BundleKeys bundleKeys() {
            return course.keysBoth();
        }

        @Override
        public Draining with(Rotation changed) {
            return new Draining(course.with(changed), longestLife);
        }

        /** Nothing under the old one lives: it leaves the bundle. */
        public Retiring retire(Mark at) {
            return new Retiring(course.next(at, true), longestLife);
        }

        /** The old one signs again, and what the new one signed is drained. */
        public Active undo(Mark at) {
            return new Active(course.turned(at));
        }
    }

    /** The old one is not trusted any more; whether somebody misses it is watched. */
    record Retiring(Course course, Duration longestLife) implements Moving {
        @Override
        public Phase phase() {
            return Phase.RETIRING;
        }

        @Override
        public List<KnownRoot> trusted() {
            return course.trustedAfter();
        }

        @Override
        public KnownRoot signing() {
            return course.signsAfter();
        }

        @Override
        public BundleKeys bundleKeys() {
            return course.keysAfter();
        }

        @Override
        public Optional<X509Certificate> cross(KnownRoot root) {
            return Optional.empty();
        }

        @Override
        public Retiring with(Rotation changed) {
            return new Retiring(course.with(changed), longestLife);
        }

        /** It is over. */
        public Stable finish(Mark at) {
            return new Stable(
                    course.holdings().after(course.change(), at), at, course.trustedSince());
        }

        /** Both are in the bundle again. */
        public Draining undo(Mark at) {
            return new Draining(course.next(at, true), longestLife);
        }
    }

    private static Holdings forgotten(Course course, Mark at) {
        Holdings holdings = course.holdings();
        return course.change() instanceof Change.OfRoot root && course.isNews()
                ? holdings.remembering(root.to(), at)
                : holdings;
    }

    private static IllegalArgumentException unknown(String keyId) {
        return new IllegalArgumentException(
                "root: " + keyId + " (expected: the key id of a root in the bundle)");
    }
}
