package dev.countersign.server.cli.cert;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.wire.v1.GetPolicyStatusRequest;
import dev.countersign.wire.v1.GetPolicyStatusResponse;
import java.time.Duration;
import java.util.Locale;

/**
 * Waits until agents have loaded what they were just told.
 *
 * @param agents that have
 * @param total that are connected
 * @param after how long it took, or was waited
 */
record InForce(long agents, long total, Duration after) {
    private static final long POLL_MILLIS = 50;

    static InForce await(AdminConnection admin, Duration atMost) {
        long start = System.nanoTime();
        while (true) {
            GetPolicyStatusResponse status =
                    admin.call(stub ->
                            stub.getPolicyStatus(GetPolicyStatusRequest.getDefaultInstance()));
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            boolean all = status.getAgentsEnforcing() >= status.getAgentsTotal();
            if (all || waited.compareTo(atMost) >= 0 || !paused()) {
                return new InForce(status.getAgentsEnforcing(), status.getAgentsTotal(), waited);
            }
        }
    }

    boolean everywhere() {
        return agents >= total;
    }

    /** {@code in force at 3 of 3 agents after 0.1 s}. */
    String text() {
        if (total == 0) {
            return "no agent is connected now; those that come hear of it first";
        }
        return String.format(
                Locale.ROOT,
                "in force at %d of %d connected agents after %.1f s",
                agents,
                total,
                after.toMillis() / 1000.0);
    }

    private static boolean paused() {
        try {
            Thread.sleep(POLL_MILLIS);
            return true;
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
