package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.time.Instant;
import java.util.Optional;

/** Whose a certificate is, from the record of what was issued: a port, answered by the store. */
public interface LineageRecords {
    /** Knows nothing: every certificate is a stranger's. */
    LineageRecords NONE = (issuerKeyId, serial) -> Optional.empty();

    /**
     * @param issuerKeyId lower-case hex key identifier of the issuing intermediate
     * @param serial lower-case hex, no leading zeros
     * @return empty when no such certificate was issued to a workload
     */
    Optional<Lineage> lineage(String issuerKeyId, String serial);

    /**
     * The workload a certificate was issued to.
     *
     * @param account the service account
     * @param accountUid its UID
     * @param podName the pod
     * @param podUid its UID
     * @param node where it ran, when known
     * @param lastTokenAt when this pod was last issued a certificate upon a token: carried along by
     *     renewals without one, so that they cannot prolong it
     */
    record Lineage(
            ServiceAccountName account,
            String accountUid,
            String podName,
            String podUid,
            Optional<String> node,
            Instant lastTokenAt) {}
}
