package dev.countersign.feed;

import java.time.Duration;

/**
 * "Loaded", not merely received.
 *
 * @param revision of the message this answers
 * @param refusal why it could not be applied; empty = it is in force
 * @param bundleEpoch of the bundle that is loaded
 * @param bundleHash lower-case hex SHA-256 of its payload; empty = the bootstrap's
 * @param leafIssuerKeyId lower-case hex authority key identifier of the agent's own leaf
 * @param oldestConnectionIssuerKeyId the same of the oldest open connection's peer; empty = none
 * @param leafRootKeyId lower-case hex subject key identifier of the root that the agent's own leaf
 *     chains to; empty = to none of the loaded bundle
 * @param oldestConnectionRootKeyId the same of the oldest open connection's peer; empty = none
 * @param clockOffset agent clock minus server clock, milliseconds
 */
public record Acknowledgement(
        long revision,
        String refusal,
        long bundleEpoch,
        String bundleHash,
        String leafIssuerKeyId,
        String oldestConnectionIssuerKeyId,
        String leafRootKeyId,
        String oldestConnectionRootKeyId,
        Duration clockOffset) {}
