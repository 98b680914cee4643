package dev.countersign.server.authority.rotation;

import java.security.cert.X509Certificate;
import java.util.Optional;

/** What takes the place of what. */
public sealed interface Change {
    /** The same, the other way round: how a rotation is undone once the new one has signed. */
    Change reversed();

    Subject subject();

    /** What a machine like this can rotate. Names are stable. */
    enum Subject {
        ROOT,
        BUNDLE_KEY,
        /** Reserved: keys of JWT-SVIDs. */
        JWT_KEY
    }

    /**
     * @param from signs before
     * @param to signs after
     * @param cross {@code to}'s name and key, signed by {@code from}: who knows {@code from} alone
     *     believes leaves under {@code to}
     */
    record OfRoot(KnownRoot from, KnownRoot to, Optional<X509Certificate> cross) implements Change {
        /** What was signed before stands: nobody asks for a certificate of the other direction. */
        @Override
        public OfRoot reversed() {
            return new OfRoot(to, from, Optional.empty());
        }

        @Override
        public Subject subject() {
            return Subject.ROOT;
        }
    }

    /** The key of bundles, snapshots and deltas. */
    record OfBundleKey(BundleKey from, BundleKey to) implements Change {
        @Override
        public OfBundleKey reversed() {
            return new OfBundleKey(to, from);
        }

        @Override
        public Subject subject() {
            return Subject.BUNDLE_KEY;
        }
    }
}
