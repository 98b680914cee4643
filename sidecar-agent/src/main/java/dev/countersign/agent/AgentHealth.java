package dev.countersign.agent;

import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.subscription.SubscriptionStatus;
import dev.countersign.agent.svid.SvidStatus;
import dev.countersign.runtime.Durations;
import dev.countersign.runtime.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * Turns what the parts say of themselves into health. A certificate that is late is a warning; one
 * that is about to end makes the agent not ready, while there is still time to send traffic
 * elsewhere.
 */
final class AgentHealth {
    static final String CERTIFICATE = "certificate";
    static final String POLICIES = "policies";
    static final String CLOCK = "clock";
    static final String BUNDLE = "bundle";

    /** Not ready when less than this part of the life is left … */
    private static final int BUDGET_DIVISOR = 10;

    /** … but not earlier than this before the end. */
    private static final Duration LARGEST_BUDGET = Duration.ofMinutes(5);

    private final Health health;
    private final Supplier<SvidStatus> svid;
    private final Supplier<SubscriptionStatus> subscription;
    private final Supplier<Boolean> policiesInForce;
    private final Supplier<Boolean> bundleExpired;
    private final ClockOffset offset;

    AgentHealth(
            Health health,
            Supplier<SvidStatus> svid,
            Supplier<SubscriptionStatus> subscription,
            Supplier<Boolean> policiesInForce,
            Supplier<Boolean> bundleExpired,
            ClockOffset offset) {
        this.health = health;
        this.svid = svid;
        this.subscription = subscription;
        this.policiesInForce = policiesInForce;
        this.bundleExpired = bundleExpired;
        this.offset = offset;
    }

    void update(Instant now) {
        certificate(svid.get(), now);
        policies(subscription.get());
        bundle();
        clock();
    }

    private void certificate(SvidStatus status, Instant now) {
        String waitingFor = status.waitingFor().map(w -> ", waiting for " + w).orElse("");
        if (status.held().isEmpty()) {
            health.down(CERTIFICATE, "none yet" + waitingFor);
            return;
        }
        SvidStatus.Held held = status.held().get();
        Duration left = Duration.between(now, held.notAfter());
        if (left.compareTo(budget(held)) < 0) {
            health.down(CERTIFICATE, "ends in " + rounded(left) + waitingFor);
        } else if (now.isAfter(held.windowEnd()) && now.isAfter(held.renewAt())) {
            health.degraded(CERTIFICATE, "renewal is late, ends in " + rounded(left) + waitingFor);
        } else {
            health.up(CERTIFICATE);
        }
    }

    private void policies(SubscriptionStatus status) {
        String problem = status.problem().orElse("");
        if (!policiesInForce.get()) {
            health.down(POLICIES, "none in force, everything is denied: " + problem);
        } else if (!status.connected()) {
            health.degraded(
                    POLICIES, "revision " + status.revision() + ", no subscription: " + problem);
        } else if (!problem.isEmpty()) {
            health.degraded(POLICIES, problem);
        } else {
            health.up(POLICIES);
        }
    }

    private void bundle() {
        if (bundleExpired.get()) {
            health.degraded(BUNDLE, "past its end, still believed: the CA has sent no newer one");
        } else {
            health.up(BUNDLE);
        }
    }

    private void clock() {
        if (offset.tooFar()) {
            health.down(
                    CLOCK,
                    "off by "
                            + rounded(offset.current().orElse(Duration.ZERO))
                            + " from the CA's (expected: within "
                            + Durations.text(ClockOffset.LIMIT)
                            + ")");
        } else {
            health.up(CLOCK);
        }
    }

    static Duration budget(SvidStatus.Held held) {
        Duration part = Duration.between(held.takenAt(), held.notAfter()).dividedBy(BUDGET_DIVISOR);
        return part.compareTo(LARGEST_BUDGET) < 0 ? part : LARGEST_BUDGET;
    }

    private static String rounded(Duration duration) {
        return Durations.text(Duration.ofSeconds(duration.toSeconds()));
    }
}
