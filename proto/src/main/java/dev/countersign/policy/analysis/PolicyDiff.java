package dev.countersign.policy.analysis;

import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.text.TooLarge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which requests two sets of policies decide differently: all of them, each class with a witness. */
public final class PolicyDiff {

    private static final int MOST_IDENTITIES = 200;

    private final SymbolicPolicies before;
    private final SymbolicPolicies after;
    private final Space space;
    private final @Nullable SeenTraffic seen;
    private final List<String> identities;

    /**
     * Compares two sets, compiled by one {@link SymbolicPolicies.Compiler}.
     *
     * @param identities callers to show in witnesses where that is possible
     * @param traffic what was observed, or null where nobody looked
     */
    public PolicyDiff(
            SymbolicPolicies before,
            SymbolicPolicies after,
            List<String> identities,
            @Nullable List<SeenRequests> traffic) {
        this.before = before;
        this.after = after;
        this.space = before.space();
        this.identities = identities.stream().limit(MOST_IDENTITIES).toList();
        this.seen = traffic == null ? null : new SeenTraffic(traffic, space);
    }

    /**
     * The differences.
     *
     * @param progress hears of each destination that is done; may be called from several threads
     */
    public Result run(List<Destination> destinations, Consumer<Destination> progress) {
        List<Part> parts =
                destinations.parallelStream()
                        .map(one -> {
                            Part part = compare(one);
                            progress.accept(one);
                            return part;
                        })
                        .toList();
        List<Change> changes = new ArrayList<>();
        List<Unknown> unknowns = new ArrayList<>();
        for (Part part : parts) {
            changes.addAll(part.changes());
            unknowns.addAll(part.unknowns());
        }
        return new Result(destinations.size(), changes, unknowns);
    }

    private Part compare(Destination destination) {
        List<SymbolicPolicy> old = before.applying(destination.workload());
        List<SymbolicPolicy> fresh = after.applying(destination.workload());
        boolean sameDoors =
                before.forWorkload(destination.workload())
                        .shut()
                        .equals(after.forWorkload(destination.workload()).shut());
        if (old.equals(fresh) && sameDoors) {
            return new Part(List.of(), List.of());
        }
        Vocabulary vocabulary = new Vocabulary();
        old.forEach(one -> vocabulary.addAll(one.vocabulary()));
        fresh.forEach(one -> vocabulary.addAll(one.vocabulary()));
        return new One(destination, new Wording(space, before.mesh(), vocabulary)).compare();
    }

    /** One destination. */
    private final class One {
        private final Destination destination;
        private final Wording wording;
        private final Witnesses witnesses;
        private final Referee oldReferee;
        private final Referee newReferee;
        private final List<Change> changes = new ArrayList<>();
        private final List<Unknown> unknowns = new ArrayList<>();

        One(Destination destination, Wording wording) {
            this.destination = destination;
            this.wording = wording;
            this.witnesses = Witnesses.about(destination, space, identities);
            this.oldReferee = before.referee(destination.workload());
            this.newReferee = after.referee(destination.workload());
        }

        Part compare() {
            try {
                List<Change> lost = new ArrayList<>();
                List<Change> gained = new ArrayList<>();
                for (boolean http : List.of(true, false)) {
                    if (destination.speaks(http)) {
                        compare(http, lost, gained);
                    }
                }
                changes.addAll(joined(lost));
                changes.addAll(joined(gained));
            } catch (TooLarge e) {
                unknowns.add(new Unknown(destination.name(), e.getMessage() + ""));
            }
            return new Part(changes, unknowns);
        }

        private void compare(boolean http, List<Change> lost, List<Change> gained) {
            Region all = space.occurring(http).and(onPorts(http));
            Region old = before.forWorkload(destination.workload()).allowed(http, all);
            Region fresh = after.forWorkload(destination.workload()).allowed(http, all);
            add(space.minus(old, fresh), http, false, lost);
            add(space.minus(fresh, old), http, true, gained);
        }

        private Region onPorts(boolean http) {
            List<Integer> ports = destination.ports(http);
            return ports.isEmpty() ? Region.EVERYTHING : Region.of(Plain.PORT, Ranges.ports(ports));
        }

        private void add(Region region, boolean http, boolean nowAllowed, List<Change> into) {
            for (Box box : region.simplified().boxes()) {
                Optional<Witness> witness =
                        witnesses.find(Region.of(box), http, one -> isConfirmed(one, nowAllowed));
                RequestClass requests = wording.of(box, http, witness.orElse(null));
                if (witness.isEmpty()) {
                    unknowns.add(
                            new Unknown(
                                    destination.name() + " from " + requests.source(),
                                    requests.onlyIf().isEmpty()
                                            ? "no request was found that both engines confirm"
                                            : "rests on: " + String.join("; ", requests.onlyIf())));
                }
                into.add(
                        new Change(destination, nowAllowed, requests, seen(box, http, nowAllowed)));
            }
        }

        private boolean isConfirmed(Witness witness, boolean nowAllowed) {
            return oldReferee.allows(witness) != nowAllowed
                    && newReferee.allows(witness) == nowAllowed;
        }

        private long seen(Box box, boolean http, boolean nowAllowed) {
            return seen == null
                    ? -1
                    : seen.count(destination, this::isMeant, box, http, !nowAllowed);
        }

        /** One that stands for others means all to which the same policies apply. */
        private boolean isMeant(SeenRequests one) {
            Workload workload = destination.workload();
            boolean named = one.destination().serviceAccount().equals(workload.serviceAccount());
            if (!one.labelled() || !destination.standsForOthers()) {
                return named;
            }
            return before.applying(one.destination()).equals(before.applying(workload))
                    && after.applying(one.destination()).equals(after.applying(workload));
        }
    }

    /** What is said of HTTP and of TCP alike is said once. */
    private static List<Change> joined(List<Change> changes) {
        List<Change> joined = new ArrayList<>();
        for (Change change : changes) {
            int twin = -1;
            for (int i = 0; i < joined.size(); i++) {
                boolean differs =
                        !joined.get(i).requests().protocol().equals(change.requests().protocol());
                if (differs && joined.get(i).requests().saysAs(change.requests())) {
                    twin = i;
                }
            }
            if (twin < 0) {
                joined.add(change);
            } else {
                Change other = joined.get(twin);
                long seen = other.seen() < 0 ? -1 : other.seen() + change.seen();
                joined.set(
                        twin,
                        new Change(
                                change.destination(),
                                change.nowAllowed(),
                                other.requests().onAnyProtocol(),
                                seen));
            }
        }
        joined.sort(
                Comparator.comparing((Change one) -> one.requests().source())
                        .thenComparing(one -> one.requests().request()));
        return joined;
    }

    private record Part(List<Change> changes, List<Unknown> unknowns) {}

    /**
     * What came of it.
     *
     * @param destinations how many were compared
     * @param changes by destination, what is lost before what is gained
     * @param unknowns what could not be decided, or rests on facts
     */
    public record Result(int destinations, List<Change> changes, List<Unknown> unknowns) {
        public Result {
            changes = List.copyOf(changes);
            unknowns = List.copyOf(unknowns);
        }

        /** How many changes would cut traffic that is flowing. */
        public long cuts() {
            return changes.stream().filter(Change::cuts).count();
        }
    }
}
