package dev.countersign.server.distribution;

import java.time.Instant;

/**
 * What an agent reported about one denial: one row for an edge and a report, not for a request.
 *
 * @param id what the denied caller was told
 * @param firstSeen by the agent
 * @param count denials since the last report on the same edge, at least 1
 * @param sourcePrincipal SPIFFE ID of the caller; empty when it had none
 * @param destinationNamespace of the workload that denied
 * @param destinationServiceAccount likewise
 * @param destinationPort 0 to 65535
 * @param protocol {@code http} or {@code tcp}
 * @param revision of the policies that decided
 * @param reason the decision as text
 * @param policy {@code namespace/name} of the policy that decided; empty when none did
 * @param rule its rule, or −1
 * @param explanation at most 8 KiB
 * @param agentInstance who reported
 */
public record DenialRow(
        String id,
        Instant firstSeen,
        long count,
        String sourcePrincipal,
        String sourceAddress,
        String destinationNamespace,
        String destinationServiceAccount,
        int destinationPort,
        String protocol,
        String method,
        String host,
        String path,
        long revision,
        String reason,
        String policy,
        int rule,
        String explanation,
        String agentInstance) {}
