package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * One epoch, checked: what the journal holds, its bundle, and the keys that belong to it.
 *
 * @param journal as it is stored
 * @param bundle what the signed payload says
 * @param signed what readers get
 * @param rotation where it stands
 * @param root signs intermediates, by itself or by its online issuer
 * @param canary signs those of the canaries, while there are some
 * @param bundleKey signs bundles and snapshots
 */
record AuthorityState(
        AuthorityJournal.State journal,
        TrustBundle bundle,
        SignedTrustBundle signed,
        RotationState rotation,
        SigningRoot root,
        Optional<SigningRoot> canary,
        SigningKey bundleKey) {
    /** A root with the key that signs below it: its own, or its online issuer's. */
    record SigningRoot(KnownRoot root, SigningKey key) {
        /** Of the key. */
        X509Certificate certificate() {
            return root.signing();
        }
    }

    long epoch() {
        return journal.epoch();
    }
}
