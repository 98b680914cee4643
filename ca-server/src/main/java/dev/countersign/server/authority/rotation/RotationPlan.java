package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.util.Optional;

/**
 * What an operator decided before a rotation began; it does not change afterwards.
 *
 * @param dwell how long both are trusted at least before the new one signs
 * @param canary who gets the new root first; empty = nobody
 * @param canaryWindow how long they must do well
 * @param skew how far clocks may be apart: a leaf counts as live for so long after its end
 * @param fence after this silence a replica has stopped to sign by itself
 * @param minimumLife what the new root must have left
 * @param connectionDeadline open connections under the old root hold DRAINING up for so long; empty =
 *     until the last is closed
 * @param renewalsPerSecond how many agents a server tells to renew early, 1 to 10 000
 * @param emergency the old one is distrusted as soon as the new one is made
 */
public record RotationPlan(
        Duration dwell,
        Optional<CanarySelector> canary,
        Duration canaryWindow,
        Duration skew,
        Duration fence,
        Duration minimumLife,
        Optional<Duration> connectionDeadline,
        int renewalsPerSecond,
        boolean emergency) {
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final int MOST_RENEWALS = 10_000;

    public RotationPlan {
        bounded("dwell", dwell);
        bounded("canaryWindow", canaryWindow);
        bounded("skew", skew);
        bounded("fence", fence);
        connectionDeadline.ifPresent(deadline -> bounded("connectionDeadline", deadline));
        if (minimumLife.isNegative()) {
            throw new IllegalArgumentException("minimumLife: " + minimumLife + " (expected: >= 0)");
        }
        if (renewalsPerSecond < 1 || renewalsPerSecond > MOST_RENEWALS) {
            throw new IllegalArgumentException(
                    "renewalsPerSecond: "
                            + renewalsPerSecond
                            + " (expected: 1 to "
                            + MOST_RENEWALS
                            + ")");
        }
    }

    public RotationPlan withCanary(CanarySelector selector) {
        return new RotationPlan(
                dwell,
                Optional.of(selector),
                canaryWindow,
                skew,
                fence,
                minimumLife,
                connectionDeadline,
                renewalsPerSecond,
                emergency);
    }

    public RotationPlan withConnectionDeadline(Duration deadline) {
        return new RotationPlan(
                dwell,
                canary,
                canaryWindow,
                skew,
                fence,
                minimumLife,
                Optional.of(deadline),
                renewalsPerSecond,
                emergency);
    }

    public RotationPlan asEmergency() {
        return new RotationPlan(
                dwell,
                Optional.empty(),
                canaryWindow,
                skew,
                fence,
                minimumLife,
                connectionDeadline,
                renewalsPerSecond,
                true);
    }

    private static void bounded(String name, Duration value) {
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: PT0S to " + LONGEST + ")");
        }
    }
}
