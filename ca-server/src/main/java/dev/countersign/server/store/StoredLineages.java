package dev.countersign.server.store;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.audit.IssuanceLedger.Entry;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.time.Instant;
import java.util.Optional;

/**
 * Whose a certificate is. What is not known to have seen a token was last seen at the epoch, so that
 * it cannot be prolonged without one; what was never handed out has no lineage.
 */
final class StoredLineages implements LineageRecords {
    private final IssuanceLedger ledger;

    StoredLineages(IssuanceLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public Optional<Lineage> lineage(String issuerKeyId, String serial) {
        return ledger.bySerial(issuerKeyId, serial)
                .filter(entry -> entry.outcome() != Outcome.FAILED)
                .map(Entry::intent)
                .flatMap(StoredLineages::lineage);
    }

    private static Optional<Lineage> lineage(IssuanceIntent intent) {
        Optional<ServiceAccountName> account = intent.id().serviceAccount();
        return account.map(name ->
                new Lineage(
                        name,
                        intent.accountUid(),
                        intent.podName(),
                        intent.podUid(),
                        intent.nodeName(),
                        intent.lastTokenAt().orElse(Instant.EPOCH)));
    }
}
