package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.upstream.UpstreamIntermediates;
import dev.countersign.server.authority.upstream.UpstreamKey;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the root, the bundle-signing key and epoch 1, when the journal is empty. Order: keys, audit
 * entries, journal. A crash in between leaves keys without a journal entry: the next start takes
 * them over, and the root that then goes into the journal is the first that anybody sees.
 */
final class FirstStart {
    static final String ROOT_KEY = "root-1";
    static final String BUNDLE_KEY = "bundle-1";

    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);

    private final AuthoritySettings settings;
    private final KeyVault vault;
    private final Certifier certifier;
    private final BundleMaker bundles;
    private final AuthorityEvents events;
    private final Optional<UpstreamIntermediates> upstream;

    FirstStart(
            AuthoritySettings settings,
            KeyVault vault,
            Certifier certifier,
            BundleMaker bundles,
            AuthorityEvents events,
            Optional<UpstreamIntermediates> upstream) {
        this.upstream = upstream;
        this.settings = settings;
        this.vault = vault;
        this.certifier = certifier;
        this.bundles = bundles;
        this.events = events;
    }

    /** What to put into the empty journal; recorded already. */
    AuthorityJournal.State make(Instant now) throws KeyVaultException, AuditUnavailable {
        if (upstream.isPresent()) {
            KnownRoot root = KnownRoot.of(UpstreamKey.NAME, upstream.get().root());
            events.imported(AuditEvent.Type.ROOT_IMPORTED, root, "authority.upstream", now);
            return imported(root, now);
        }
        if (settings.importedRoot()) {
            throw new AuthorityRefused(
                    AuthorityRefused.Reason.ROOT_NOT_IMPORTED,
                    "journal: empty (expected: a root that was imported: countersign root csr"
                            + " --config FILE, then countersign root import)");
        }
        SigningKey rootKey = takeOrCreate(ROOT_KEY);
        SigningKey bundleKey = takeOrCreate(BUNDLE_KEY);
        X509Certificate root =
                certifier.root(settings.trustDomain(), rootKey, now, settings.rootLife());
        events.rootCreated(root, ROOT_KEY, now);
        return first(KnownRoot.of(ROOT_KEY, root), bundleKey, now);
    }

    /** The same, of a root that was made elsewhere and whose import is recorded already. */
    AuthorityJournal.State imported(KnownRoot root, Instant now)
            throws KeyVaultException, AuditUnavailable {
        return first(root, takeOrCreate(BUNDLE_KEY), now);
    }

    private AuthorityJournal.State first(KnownRoot root, SigningKey bundleKey, Instant now)
            throws KeyVaultException, AuditUnavailable {
        AuthorityJournal.State state = bundles.first(root, bundleKey, BUNDLE_KEY, now);
        events.bundlePublished(state, now);
        return state;
    }

    private SigningKey takeOrCreate(String name) throws KeyVaultException {
        Optional<SigningKey> found = vault.find(name);
        if (found.isEmpty()) {
            try {
                return vault.create(name);
            } catch (KeyVaultException e) {
                // Another replica on the same vault was faster: its key is ours too.
                found = vault.find(name);
                if (e.reason() != KeyVaultException.Reason.KEY_EXISTS || found.isEmpty()) {
                    throw e;
                }
            }
        }
        LOG.atWarn()
                .addKeyValue("key", name)
                .log("journal is empty but the vault has this key: using it for the first root");
        return found.get();
    }
}
