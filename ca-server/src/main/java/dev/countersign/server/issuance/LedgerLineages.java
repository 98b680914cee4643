package dev.countersign.server.issuance;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whose a certificate is, answered from the ledger of what was issued. */
public final class LedgerLineages implements LineageRecords {
    /** A workload that renews every ten minutes without a token is back at its token within these. */
    private static final int RENEWALS = 1000;

    private final IssuanceLedger ledger;

    public LedgerLineages(IssuanceLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public Optional<Lineage> lineage(String issuerKeyId, String serial) {
        return ledger.bySerial(issuerKeyId, serial)
                .map(IssuanceLedger.Entry::intent)
                .flatMap(intent -> intent.id().serviceAccount().map(a -> lineage(intent, a)));
    }

    private Lineage lineage(IssuanceIntent intent, ServiceAccountName account) {
        return new Lineage(
                account,
                "",
                intent.podName(),
                intent.podUid(),
                intent.nodeName(),
                lastTokenAt(intent));
    }

    /** One read in the usual case: the certificate was itself issued upon a token. */
    private Instant lastTokenAt(IssuanceIntent intent) {
        if (!intent.tokenFingerprint().isEmpty()) {
            return intent.at();
        }
        return earlier(intent.id()).stream()
                .map(IssuanceLedger.Entry::intent)
                .filter(other -> other.podUid().equals(intent.podUid()))
                .filter(other -> !other.tokenFingerprint().isEmpty())
                .map(IssuanceIntent::at)
                .findFirst()
                .orElse(Instant.EPOCH);
    }

    private List<IssuanceLedger.Entry> earlier(SpiffeId id) {
        return ledger.certificates(Optional.of(id), Optional.empty(), Long.MAX_VALUE, RENEWALS);
    }
}
