package dev.countersign.server.revocation;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is denied, kept and shared between replicas: a port, answered by the store. */
public interface RevocationRecords {
    /**
     * A certificate on record that may exist: an intent without an outcome counts, a failed one does
     * not.
     */
    record Certificate(
            String issuerKeyId, String serial, SpiffeId id, String podUid, Instant notAfter) {}

    /** All that is in force at one version. */
    record Loaded(
            long version, List<Revocation> revocations, Map<String, List<DenyEntry>> entries) {
        public Loaded {
            revocations = List.copyOf(revocations);
            entries = Map.copyOf(entries);
        }
    }

    /** What became of an order. */
    sealed interface Added {
        /** Everything is on record. */
        record Done(int entries) implements Added {}

        /**
         * Nothing is: the list would have had so many entries.
         *
         * @param byIssuer how many of the new ones each intermediate would account for
         */
        record Full(int entries, Map<String, Integer> byIssuer) implements Added {}
    }

    /** Unexpired certificates with this serial, of any issuer. */
    List<Certificate> bySerial(String serial, Instant now);

    /** Unexpired certificates of this identity. */
    List<Certificate> ofIdentity(SpiffeId id, Instant now);

    /** UIDs of the pods of this name and namespace that have an unexpired certificate. */
    List<String> podUids(String namespace, String name, Instant now);

    /** Whether this pod has an unexpired certificate. */
    boolean isKnownPod(String uid, Instant now);

    /** When the first certificate of this intermediate was intended; empty = none of ours. */
    Optional<Instant> issuerSince(String keyId);

    /**
     * One transaction: the revocation, in the place of one of the same target, and its entries.
     *
     * @param direct the entry that names the target itself; empty for a pod
     * @param limit entries in all
     */
    Added add(Revocation revocation, Optional<DenyEntry> direct, int limit, Instant now);

    /**
     * Takes in what was issued to pods meanwhile, where a replica had not heard of the order.
     *
     * @return how many entries are new
     */
    int expandAgain(List<Revocation> ofPods, Instant now);

    /** Whether it was there. */
    boolean remove(String id);

    /** Rises with every change. */
    long version();

    Loaded load();

    /**
     * Clears away what is over.
     *
     * @return how many entries and revocations went
     */
    int purge(Instant now);
}
