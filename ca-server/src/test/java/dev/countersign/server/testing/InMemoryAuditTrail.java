package dev.countersign.server.testing;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.audit.KeyTaken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The log and the ledger in memory, with the store's rules: serials are unique per issuer, a key
 * belongs to the identity it was first intended for. {@link #failWith} makes it unavailable.
 */
public final class InMemoryAuditTrail implements AuditTrail, IssuanceLedger {
    private final Map<String, Entry> bySerial = new LinkedHashMap<>();
    private final Map<String, SpiffeId> keys = new LinkedHashMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();
    private final List<AuditEvent> events = new ArrayList<>();
    private Optional<String> unavailable = Optional.empty();
    private long sequence;

    /** From now on every durable write fails with this message. */
    public synchronized void failWith(String message) {
        unavailable = Optional.of(message);
    }

    /** Durable writes succeed again. */
    public synchronized void recover() {
        unavailable = Optional.empty();
    }

    /** Everything appended or offered, in order. */
    public synchronized List<AuditEvent> events() {
        return List.copyOf(events);
    }

    /** The reason given to {@link #failed} for an intent. */
    public synchronized Optional<String> failureOf(IssuanceIntent intent) {
        return Optional.ofNullable(failures.get(key(intent)));
    }

    @Override
    public synchronized long intend(IssuanceIntent intent, KeyRule rule)
            throws AuditUnavailable, KeyTaken {
        checkAvailable();
        if (bySerial.containsKey(key(intent))) {
            throw new AuditUnavailable("serial: " + intent.serial() + " (expected: never used)");
        }
        SpiffeId owner = keys.putIfAbsent(intent.publicKeyHash(), intent.id());
        if (owner != null && (rule == KeyRule.NEW || !owner.equals(intent.id()))) {
            throw new KeyTaken(owner);
        }
        bySerial.put(key(intent), new Entry(intent, Outcome.INTENDED, ++sequence));
        return sequence;
    }

    @Override
    public synchronized void issued(IssuanceIntent intent, String certificateHash) {
        conclude(intent, Outcome.ISSUED);
    }

    @Override
    public synchronized void failed(IssuanceIntent intent, String reason) {
        failures.put(key(intent), reason);
        conclude(intent, Outcome.FAILED);
    }

    @Override
    public synchronized long append(AuditEvent event) throws AuditUnavailable {
        checkAvailable();
        events.add(event);
        return ++sequence;
    }

    @Override
    public synchronized void offer(AuditEvent event) {
        events.add(event);
        sequence++;
    }

    @Override
    public synchronized List<Entry> certificates(
            Optional<SpiffeId> identity,
            Optional<Instant> validAt,
            long beforeSequence,
            int limit) {
        return bySerial.values().stream()
                .filter(e -> identity.isEmpty() || identity.get().equals(e.intent().id()))
                .filter(e -> validAt.isEmpty() || validAt.get().isBefore(e.intent().notAfter()))
                .filter(e -> e.sequence() < beforeSequence)
                .sorted((a, b) -> Long.compare(b.sequence(), a.sequence()))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Optional<SpiffeId> identityOfKey(String publicKeyHash) {
        return Optional.ofNullable(keys.get(publicKeyHash));
    }

    @Override
    public synchronized Optional<Entry> bySerial(String issuerKeyId, String serial) {
        return Optional.ofNullable(bySerial.get(issuerKeyId + "/" + serial));
    }

    @Override
    public synchronized long issuedCount() {
        return bySerial.values().stream().filter(e -> e.outcome() == Outcome.ISSUED).count();
    }

    private void conclude(IssuanceIntent intent, Outcome outcome) {
        Entry entry = bySerial.get(key(intent));
        if (entry == null) {
            throw new IllegalStateException("no intent for serial " + intent.serial());
        }
        bySerial.put(key(intent), new Entry(intent, outcome, entry.sequence()));
    }

    private void checkAvailable() throws AuditUnavailable {
        if (unavailable.isPresent()) {
            throw new AuditUnavailable(unavailable.get());
        }
    }

    private static String key(IssuanceIntent intent) {
        return intent.issuerKeyId() + "/" + intent.serial();
    }
}
