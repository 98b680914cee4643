package dev.countersign.agent.subscription;

import java.time.Instant;
import java.util.Optional;

/**
 * Where the subscription stands, for health, status and metrics.
 *
 * @param connected whether the server has answered on a stream that is open
 * @param revision in force; 0 = none
 * @param bundleEpoch in force
 * @param lastConfirmed when the server was last known to have nothing newer
 * @param problem why there is no stream, or what could not be applied; empty when all is well
 * @param streams opened since the start
 */
public record SubscriptionStatus(
        boolean connected,
        long revision,
        long bundleEpoch,
        Optional<Instant> lastConfirmed,
        Optional<String> problem,
        long streams) {}
