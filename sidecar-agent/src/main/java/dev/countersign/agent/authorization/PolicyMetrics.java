package dev.countersign.agent.authorization;

import dev.countersign.policy.Action;
import dev.countersign.policy.Decision;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decisions by policy and action. Names of policies are written by admins and not by callers, and
 * there are at most 256 series: what comes later is counted as {@code other}.
 */
final class PolicyMetrics {
    private static final int MOST = 256;
    private static final String NAME = "countersign.agent.policy.decisions";

    private final MeterRegistry meters;
    private final Map<Decision, Counter> enforced = new ConcurrentHashMap<>();
    private final Map<Decision, Counter> dryRun = new ConcurrentHashMap<>();
    private final Map<Decision, Counter> audited = new ConcurrentHashMap<>();
    private final Map<String, Counter> series = new ConcurrentHashMap<>();

    PolicyMetrics(MeterRegistry meters) {
        this.meters = meters;
    }

    void enforced(Decision decision) {
        count(enforced, decision, "enforce");
    }

    void dryRun(Decision decision) {
        count(dryRun, decision, "dry_run");
    }

    /** Something an AUDIT rule marks. */
    void audited(Decision decision) {
        count(audited, decision, "audit");
    }

    /** Decisions are made once for each rule and revision, so that the look-up builds nothing. */
    private void count(Map<Decision, Counter> known, Decision decision, String mode) {
        Counter counter = known.get(decision);
        if (counter == null) {
            if (known.size() > MOST) {
                known.clear(); // of revisions that are no longer in force
            }
            counter = seriesOf(decision, mode);
            known.put(decision, counter);
        }
        counter.increment();
    }

    private Counter seriesOf(Decision decision, String mode) {
        String verdict =
                mode.equals("audit") ? "marked" : decision.allowed() ? "allowed" : "denied";
        Action action = decision.action();
        String actionName = action == null ? "none" : action.name().toLowerCase(Locale.ROOT);
        String policy = decision.policy().isEmpty() ? "none" : decision.policy();
        String key = policy + " " + actionName + " " + mode + " " + verdict;
        String shown = series.containsKey(key) || series.size() < MOST ? policy : "other";
        return series.computeIfAbsent(
                shown.equals("other") ? "other " + actionName + " " + mode + " " + verdict : key,
                one ->
                        Counter.builder(NAME)
                                .description("Decisions by the policy that made them")
                                .tag("policy", shown)
                                .tag("action", actionName)
                                .tag("mode", mode)
                                .tag("verdict", verdict)
                                .register(meters));
    }
}
