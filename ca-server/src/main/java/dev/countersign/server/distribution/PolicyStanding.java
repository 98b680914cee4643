package dev.countersign.server.distribution;

import dev.countersign.feed.Acknowledgement;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One policy and where it is: which connected agents have loaded it, and which have not and why.
 *
 * @param revision of the set in which it came to say what it says
 * @param enforcing agents whose workload it applies to and that have loaded that revision
 * @param missing the others
 */
public record PolicyStanding(
        AuthorizationPolicy policy, long revision, int enforcing, List<Missing> missing) {
    public PolicyStanding {
        missing = List.copyOf(missing);
    }

    /** An agent that does not enforce it. */
    public record Missing(Subscriber.View agent, String because) {}

    /** Every policy of the set, in its order. */
    public static List<PolicyStanding> of(PolicyFeed.State state, List<Subscriber.View> agents) {
        PolicySet set = state.set();
        Map<Workload, List<AuthorizationPolicy>> applying = new HashMap<>();
        Map<AuthorizationPolicy, List<Subscriber.View>> selected = new HashMap<>();
        for (Subscriber.View agent : agents) {
            for (AuthorizationPolicy policy :
                    applying.computeIfAbsent(agent.workload(), set::applicableTo)) {
                selected.computeIfAbsent(policy, p -> new ArrayList<>()).add(agent);
            }
        }
        return set.policies().stream()
                .map(policy ->
                        standing(
                                policy,
                                state.since(policy),
                                selected.getOrDefault(policy, List.of())))
                .toList();
    }

    private static PolicyStanding standing(
            AuthorizationPolicy policy, long revision, List<Subscriber.View> agents) {
        List<Missing> missing = new ArrayList<>();
        for (Subscriber.View agent : agents) {
            because(agent, revision).ifPresent(why -> missing.add(new Missing(agent, why)));
        }
        return new PolicyStanding(policy, revision, agents.size() - missing.size(), missing);
    }

    /** Empty where the agent has loaded this revision or a later one. */
    static Optional<String> because(Subscriber.View agent, long revision) {
        if (agent.sentRevision() < revision) {
            return Optional.of(
                    "not sent yet, its stream takes nothing: it has revision "
                            + agent.sentRevision());
        }
        Optional<Acknowledgement> last = agent.acknowledgement();
        if (last.isEmpty()) {
            return Optional.of("sent, and nothing heard from it yet");
        }
        if (!last.get().refusal().isEmpty()) {
            return Optional.of("cannot apply it: " + last.get().refusal());
        }
        return last.get().revision() >= revision
                ? Optional.empty()
                : Optional.of("sent, and it is still at revision " + last.get().revision());
    }
}
