package dev.countersign.server.audit;

import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.audit.LogRecords.Batch;
import dev.countersign.server.audit.LogRecords.Certificate;
import dev.countersign.server.audit.LogRecords.Chain;
import dev.countersign.server.audit.LogRecords.Row;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the certificates table with the log: each intent has its row, each row the outcome that
 * the log gives. Holds only intents whose outcome has not come up yet.
 */
final class CertificateCheck {
    private final LogRecords records;
    private final Instant keptSince;
    private final Findings findings;
    private final Map<String, Long> open = new LinkedHashMap<>();
    private final Map<Long, String> openAtTheEnd = new LinkedHashMap<>();
    private final Set<String> reconciled = new HashSet<>();

    CertificateCheck(LogRecords records, Instant keptSince, Findings findings) {
        this.records = records;
        this.keptSince = keptSince;
        this.findings = findings;
    }

    /** Takes the next batches of a chain. */
    void check(Chain chain, List<Batch> page) {
        Map<Long, IssuanceIntent> intents = new HashMap<>();
        Map<Long, Outcome> outcomes = new HashMap<>();
        for (Batch batch : page) {
            for (Row row : batch.entries()) {
                try {
                    take(chain, row, intents, outcomes);
                } catch (IllegalArgumentException | DateTimeException e) {
                    findings.add(
                            "chain %s entry %d: %s", chain.name(), row.sequence(), e.toString());
                }
            }
        }
        Map<Long, Certificate> rows = records.certificates(intents.keySet());
        intents.forEach((sequence, intent) -> compare(sequence, intent, rows.get(sequence)));
        compareOutcomes(outcomes);
    }

    /** What is still open in this chain may have been reconciled by an entry in another. */
    void endOfChain(Chain chain) {
        open.forEach((serial, sequence) -> openAtTheEnd.put(sequence, chain.name() + "/" + serial));
        open.clear();
    }

    /**
     * Intents without any outcome are left alone: theirs may have been written since the walk began.
     */
    void finish() {
        Map<Long, Outcome> expected = new HashMap<>();
        openAtTheEnd.forEach((sequence, key) -> {
            if (reconciled.contains(key)) {
                expected.put(sequence, Outcome.UNKNOWN);
            }
        });
        compareOutcomes(expected);
    }

    private void take(
            Chain chain, Row row, Map<Long, IssuanceIntent> intents, Map<Long, Outcome> outcomes) {
        EntryBody.Parsed body = EntryBody.parse(row.body());
        String type = body.text("type");
        switch (type) {
            case EntryBody.INTENT -> {
                intents.put(row.sequence(), body.intent());
                if (!body.text("issuer").equals(chain.name())) {
                    findings.add(
                            "chain %s entry %d: of issuer %s",
                            chain.name(), row.sequence(), body.text("issuer"));
                }
                open.put(body.text("serial"), row.sequence());
            }
            case EntryBody.ISSUED -> conclude(chain, row, body, Outcome.ISSUED, outcomes);
            case EntryBody.FAILED -> conclude(chain, row, body, Outcome.FAILED, outcomes);
            default -> {
                if (type.equals(AuditEvent.Type.INTENT_RECONCILED.name())) {
                    reconciled.add(body.fact("issuer") + "/" + body.fact("serial"));
                }
            }
        }
    }

    private void conclude(
            Chain chain,
            Row row,
            EntryBody.Parsed body,
            Outcome outcome,
            Map<Long, Outcome> outcomes) {
        Long sequence = open.remove(body.text("serial"));
        if (sequence == null) {
            findings.add(
                    "chain %s entry %d: %s without an intent",
                    chain.name(), row.sequence(), outcome);
        } else {
            outcomes.put(sequence, outcome);
        }
    }

    private void compare(long sequence, IssuanceIntent intent, @Nullable Certificate row) {
        if (row == null) {
            if (!intent.notAfter().isBefore(keptSince)) {
                findings.add("certificate of entry %d: missing from the table", sequence);
            }
            return;
        }
        boolean same =
                row.issuerKeyId().equals(intent.issuerKeyId())
                        && row.serial().equals(intent.serial())
                        && row.identity().equals(intent.id().toString())
                        && row.notAfter().getEpochSecond() == intent.notAfter().getEpochSecond();
        if (!same) {
            findings.add("certificate of entry %d: the table differs from the log", sequence);
        }
    }

    private void compareOutcomes(Map<Long, Outcome> expected) {
        Map<Long, Certificate> rows = records.certificates(expected.keySet());
        expected.forEach((sequence, outcome) -> {
            Certificate row = rows.get(sequence);
            if (row != null && row.outcome() != outcome) {
                findings.add(
                        "certificate of entry %d: %s (expected: %s, by the log)",
                        sequence, row.outcome(), outcome);
            }
        });
    }
}
