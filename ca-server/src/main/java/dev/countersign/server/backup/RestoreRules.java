package dev.countersign.server.backup;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.backup.BackupRefused.Reason;
import java.util.List;
import java.util.Optional;

/** Whether an archive may come back here. Pure. */
public final class RestoreRules {
    private RestoreRules() {}

    /**
     * Who has seen an epoch.
     *
     * @param by for the message, for instance {@code the database}
     */
    public record Seen(String by, long epoch) {}

    /** Refuses an archive of another trust domain, database or key store. */
    public static void checkPlace(
            Manifest manifest, TrustDomain here, Manifest.Records records, Manifest.Keys keys)
            throws BackupRefused {
        if (!manifest.trustDomain().equals(here)) {
            throw new BackupRefused(
                    Reason.BACKUP_OTHER_TRUST_DOMAIN,
                    "backup: of " + manifest.trustDomain() + " (expected: " + here + ")");
        }
        if (manifest.records() != records || manifest.keys() != keys) {
            throw new BackupRefused(
                    Reason.BACKUP_OTHER_STORE,
                    "backup: of "
                            + manifest.records()
                            + " with keys in "
                            + manifest.keys()
                            + " (expected: "
                            + records
                            + ", "
                            + keys
                            + ", as configured)");
        }
    }

    /**
     * The highest epoch that anything has seen beyond the archive's: what a restore must end above.
     * Empty when nothing has.
     *
     * @param overridden whether a person decided to restore it all the same
     * @throws BackupRefused {@code BACKUP_STALE}
     */
    public static Optional<Seen> checkFresh(Manifest manifest, List<Seen> seen, boolean overridden)
            throws BackupRefused {
        Optional<Seen> newest =
                seen.stream()
                        .filter(one -> one.epoch() > manifest.epoch())
                        .max((a, b) -> Long.compare(a.epoch(), b.epoch()));
        if (newest.isPresent() && !overridden) {
            throw new BackupRefused(
                    Reason.BACKUP_STALE,
                    "backup: epoch "
                            + manifest.epoch()
                            + " of "
                            + manifest.created()
                            + " (expected: >= "
                            + newest.get().epoch()
                            + ", which "
                            + newest.get().by()
                            + " has; a newer backup, or --override-stale --reason WHY)");
        }
        return newest;
    }
}
