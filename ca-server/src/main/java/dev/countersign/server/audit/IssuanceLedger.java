package dev.countersign.server.audit;

import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Questions about what was issued: a port, answered by the store. */
public interface IssuanceLedger {
    /** One issued, intended or failed certificate. Outcome: INTENDED, ISSUED, FAILED, UNKNOWN. */
    record Entry(IssuanceIntent intent, Outcome outcome, long sequence) {}

    /** What became of an intent. */
    enum Outcome {
        INTENDED,
        ISSUED,
        FAILED,
        UNKNOWN
    }

    /**
     * A page of certificates, newest first.
     *
     * @param identity only this one
     * @param validAt only those unexpired at this instant; empty = all
     * @param beforeSequence exclusive; {@code Long.MAX_VALUE} = from the newest
     * @param limit 1 to 1000
     */
    List<Entry> certificates(
            Optional<SpiffeId> identity, Optional<Instant> validAt, long beforeSequence, int limit);

    /**
     * The identity a public key was first bound to, if any certificate was ever intended for it.
     * Answers from an index; called for each operator.
     */
    Optional<SpiffeId> identityOfKey(String publicKeyHash);

    /** The newest entry of a serial; for renewal and for `cert show`. */
    Optional<Entry> bySerial(String issuerKeyId, String serial);

    long issuedCount();
}
