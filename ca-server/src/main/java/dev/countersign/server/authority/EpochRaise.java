package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import java.time.Instant;

/**
 * Brings a journal above an epoch that somebody has seen already: the trust that it holds, said anew.
 * Agents take no epoch lower than their own, so a journal that was restored from an older copy is not
 * believed before this.
 */
public final class EpochRaise {
    /** More is a typing error. */
    private static final long MOST = 1_000_000;

    private final AuthoritySettings settings;
    private final KeyVault vault;
    private final AuthorityJournal journal;
    private final AuthorityEvents events;

    public EpochRaise(
            AuthoritySettings settings,
            KeyVault vault,
            AuthorityJournal journal,
            AuditTrail audit) {
        this.settings = settings;
        this.vault = vault;
        this.journal = journal;
        this.events = new AuthorityEvents(audit, settings.trustDomain());
    }

    /**
     * Publishes the epoch after {@code seen}; no server may run.
     *
     * @return the epoch now in force
     * @throws AuthorityRefused when the journal does not fit the vault, or is far behind
     */
    public long above(long seen, Instant now) throws KeyVaultException, AuditUnavailable {
        StateLoader loader = new StateLoader(settings.trustDomain(), vault);
        AuthorityJournal.State stored =
                journal.load()
                        .orElseThrow(() -> corrupt("journal: empty (expected: an authority)"));
        if (seen - stored.epoch() > MOST) {
            throw corrupt(
                    "journal: epoch "
                            + stored.epoch()
                            + ", seen "
                            + seen
                            + " (expected: no more than "
                            + MOST
                            + " apart)");
        }
        BundleMaker bundles = new BundleMaker(settings.trustDomain(), settings.bundleLife());
        AuthorityJournal.State next = stored;
        while (next.epoch() <= seen) {
            next = bundles.again(loader.load(next), now);
        }
        if (next.epoch() != stored.epoch()) {
            events.bundlePublished(next, now);
            if (!journal.replace(stored.epoch(), next)) {
                throw new AuthorityRefused(
                        Reason.JOURNAL_CONTENDED,
                        "journal: changed meanwhile (expected: no server at work)");
            }
        }
        return next.epoch();
    }

    private static AuthorityRefused corrupt(String message) {
        return new AuthorityRefused(Reason.JOURNAL_CORRUPT, message);
    }
}
