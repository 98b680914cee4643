package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.time.Instant;
import java.util.Optional;

/**
 * What an attestor found out, before it is proof.
 *
 * @param account the service account
 * @param accountUid its UID
 * @param podName the pod the token is bound to
 * @param podUid its UID
 * @param nodeName the node, when the token names one
 * @param tokenFingerprint {@link BearerToken#fingerprint} of the token; empty when there was none
 * @param until when this knowledge ends: the token's {@code exp}
 * @param attestor name of the attestor
 */
public record WorkloadClaims(
        ServiceAccountName account,
        String accountUid,
        String podName,
        String podUid,
        Optional<String> nodeName,
        String tokenFingerprint,
        Instant until,
        String attestor) {}
