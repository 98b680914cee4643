package dev.countersign.server.authority;

import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustBundle;
import java.security.cert.X509Certificate;

/**
 * One epoch, checked: what the journal holds, its bundle, and the keys that belong to it.
 *
 * @param journal as it is stored
 * @param bundle what the signed payload says
 * @param signed what readers get
 * @param root the certificate that signs intermediates
 * @param rootKey its key
 * @param bundleKey signs bundles and snapshots
 */
record AuthorityState(
        AuthorityJournal.State journal,
        TrustBundle bundle,
        SignedTrustBundle signed,
        X509Certificate root,
        SigningKey rootKey,
        SigningKey bundleKey) {
    long epoch() {
        return journal.epoch();
    }
}
