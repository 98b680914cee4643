package dev.countersign.server.distribution;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far one policy of any kind has come: of the agents that are connected to this server.
 *
 * @param selected whose workload it applies to
 * @param missing those of them that have not loaded it
 */
public record Enforcement(int selected, List<PolicyStanding.Missing> missing) {
    private static final Enforcement NOBODY = new Enforcement(0, List.of());

    public Enforcement {
        missing = List.copyOf(missing);
    }

    public int enforcing() {
        return selected - missing.size();
    }

    /** One moment: asked for many policies, it looks at each kind of workload once. */
    public static final class Survey {
        private final Map<Object, Tally> tallies = new HashMap<>();

        public Survey(PolicyFeed.State state, List<Subscriber.View> agents) {
            Map<Workload, List<Applying>> known = new HashMap<>();
            for (Subscriber.View agent : agents) {
                for (Applying one :
                        known.computeIfAbsent(agent.workload(), w -> applying(state, w))) {
                    tallies.computeIfAbsent(one.policy(), p -> new Tally())
                            .count(agent, one.revision());
                }
            }
        }

        public Enforcement of(AuthorizationPolicy policy) {
            return found(policy);
        }

        public Enforcement of(PeerAuthentication one) {
            return found(one);
        }

        public Enforcement of(RequestAuthentication one) {
            return found(one);
        }

        private Enforcement found(Object policy) {
            Tally tally = tallies.get(policy);
            return tally == null ? NOBODY : new Enforcement(tally.selected, tally.missing);
        }

        private static List<Applying> applying(PolicyFeed.State state, Workload workload) {
            List<Applying> all = new ArrayList<>();
            state.set()
                    .applicableTo(workload)
                    .forEach(one -> all.add(new Applying(one, state.since(one))));
            state.peers()
                    .applicableTo(workload)
                    .forEach(one -> all.add(new Applying(one, state.since(one))));
            state.requests()
                    .applicableTo(workload)
                    .forEach(one -> all.add(new Applying(one, state.since(one))));
            return all;
        }
    }

    private record Applying(Object policy, long revision) {}

    private static final class Tally {
        private final List<PolicyStanding.Missing> missing = new ArrayList<>();
        private int selected;

        void count(Subscriber.View agent, long revision) {
            selected++;
            PolicyStanding.because(agent, revision)
                    .ifPresent(why -> missing.add(new PolicyStanding.Missing(agent, why)));
        }
    }
}
