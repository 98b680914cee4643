package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.upstream.UpstreamIntermediates;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves from epoch to epoch by compare-and-set on the journal, together with other replicas. */
final class Epochs {
    private static final Logger LOG = LoggerFactory.getLogger(Epochs.class);
    private static final int ATTEMPTS = 5;

    private final AuthorityJournal journal;
    private final AuthorityEvents events;
    private final BundleMaker bundles;
    private final StateLoader loader;
    private final FirstStart firstStart;

    Epochs(
            AuthoritySettings settings,
            KeyVault vault,
            AuthorityJournal journal,
            Certifier certifier,
            AuthorityEvents events,
            Optional<UpstreamIntermediates> upstream) {
        this.journal = journal;
        this.events = events;
        bundles = new BundleMaker(settings.trustDomain(), settings.bundleLife());
        loader = new StateLoader(settings.trustDomain(), vault);
        firstStart = new FirstStart(settings, vault, certifier, bundles, events, upstream);
    }

    /** The epoch in the journal, or the first one, made now, when the journal is empty. */
    AuthorityState loadOrCreate(Instant now) throws KeyVaultException, AuditUnavailable {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<AuthorityJournal.State> stored = journal.load();
            if (stored.isPresent()) {
                return loader.load(stored.get());
            }
            AuthorityJournal.State made = firstStart.make(now);
            if (journal.replace(0, made)) {
                LOG.atInfo().addKeyValue("key", made.signingRoot()).log("created root");
                return loader.load(made);
            }
        }
        throw contended();
    }

    /** The newest epoch: {@code held}, another replica's, or one made now because it is due. */
    AuthorityState refresh(AuthorityState held, Instant now)
            throws KeyVaultException, AuditUnavailable {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            AuthorityState current = newest(held, journal.load());
            if (!BundleMaker.isDue(current.bundle(), now)) {
                return current;
            }
            AuthorityJournal.State next = bundles.again(current, now);
            events.bundlePublished(next, now);
            if (journal.replace(current.epoch(), next)) {
                LOG.atInfo().addKeyValue("epoch", next.epoch()).log("published bundle");
                return loader.load(next);
            }
        }
        throw contended();
    }

    /**
     * Makes the epoch of a move; it is in the audit trail before.
     *
     * @return empty when somebody else made an epoch meanwhile: look again
     */
    Optional<AuthorityState> move(AuthorityState current, RotationState next, Instant now)
            throws KeyVaultException, AuditUnavailable {
        SigningKey signer = loader.bundleKey(next.bundleKeys().signer().keyName());
        AuthorityJournal.State made = bundles.moved(current, next, signer, now);
        events.moved(current.rotation(), next, made.epoch(), now);
        events.bundlePublished(made, now);
        if (!made.bundleKeyId().equals(current.journal().bundleKeyId())) {
            // Who sleeps through this finds the new key by the old one's word.
            journal.keepHandover(current.epoch(), current.signed());
        }
        if (!journal.replace(current.epoch(), made)) {
            return Optional.empty();
        }
        LOG.atInfo()
                .addKeyValue("epoch", made.epoch())
                .addKeyValue("phase", next.phase())
                .log("published bundle");
        return Optional.of(loader.load(made));
    }

    /** An epoch never goes back, whatever became of the store. */
    private AuthorityState newest(AuthorityState held, Optional<AuthorityJournal.State> stored)
            throws KeyVaultException {
        long found = stored.map(AuthorityJournal.State::epoch).orElse(0L);
        if (stored.isEmpty() || found < held.epoch()) {
            throw new AuthorityRefused(
                    Reason.JOURNAL_WENT_BACK,
                    "journal: epoch "
                            + found
                            + " (expected: >= "
                            + held.epoch()
                            + ", restore the store)");
        }
        if (found == held.epoch()) {
            return held;
        }
        LOG.atInfo().addKeyValue("epoch", found).log("taking over bundle of another replica");
        return loader.load(stored.get());
    }

    private static AuthorityRefused contended() {
        return new AuthorityRefused(
                Reason.JOURNAL_CONTENDED,
                "journal: changed " + ATTEMPTS + " times meanwhile (expected: once)");
    }
}
