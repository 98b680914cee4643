package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.region.ValueSet;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.analysis.text.TooLarge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether some requests to a destination are allowed: with a request, or a proof that none is. */
public final class Reachability {

    private static final int MOST_REASONS = 8;

    private final SymbolicPolicies policies;
    private final Space space;
    private final List<String> identities;

    /**
     * Answers questions about a set of policies.
     *
     * @param identities callers to show in witnesses where that is possible
     */
    public Reachability(SymbolicPolicies policies, List<String> identities) {
        this.policies = policies;
        this.space = policies.space();
        this.identities = List.copyOf(identities);
    }

    /** Which of the requests in question are allowed. */
    public Answer ask(Destination destination, Question question) {
        try {
            List<RequestClass> classes = new ArrayList<>();
            List<Unknown> unknowns = new ArrayList<>();
            List<String> reasons = new ArrayList<>();
            for (boolean http : List.of(true, false)) {
                if (destination.speaks(http) && question.concerns(http)) {
                    ask(destination, question, http, classes, unknowns, reasons);
                }
            }
            return classes.isEmpty() && !unknowns.isEmpty()
                    ? new Answer.Unknown(unknowns.stream().map(Reachability::text).toList())
                    : classes.isEmpty()
                            ? new Answer.Unreachable(reasons.stream().distinct().toList())
                            : new Answer.Reachable(joined(classes));
        } catch (TooLarge e) {
            return new Answer.Unknown(List.of(e.getMessage() + ""));
        }
    }

    private static String text(Unknown unknown) {
        return unknown.subject() + ": " + unknown.why();
    }

    private void ask(
            Destination destination,
            Question question,
            boolean http,
            List<RequestClass> classes,
            List<Unknown> unknowns,
            List<String> reasons) {
        WorkloadRegions regions = policies.forWorkload(destination.workload());
        Referee referee = policies.referee(destination.workload());
        Witnesses witnesses = Witnesses.about(destination, space, identities);
        Wording wording = wording(regions);
        Region asked = question.region(space, http).and(onPorts(destination, http));
        Region allowed = regions.allowed(http, asked).simplified();
        for (Box box : allowed.boxes()) {
            Optional<Witness> witness = witnesses.find(Region.of(box), http, referee::allows);
            RequestClass words = wording.of(box, http, witness.orElse(null));
            if (witness.isPresent()) {
                classes.add(words);
            } else {
                unknowns.add(
                        new Unknown(
                                words.source() + " " + words.request(),
                                words.onlyIf().isEmpty()
                                        ? "no request was found that the engine confirms"
                                        : "possible if " + String.join("; ", words.onlyIf())));
            }
        }
        if (allowed.isEmpty()) {
            reasons.addAll(why(regions, wording, asked, http));
        }
    }

    private static Region onPorts(Destination destination, boolean http) {
        List<Integer> ports = destination.ports(http);
        return ports.isEmpty() ? Region.EVERYTHING : Region.of(Plain.PORT, Ranges.ports(ports));
    }

    private Wording wording(WorkloadRegions regions) {
        Vocabulary vocabulary = new Vocabulary();
        regions.applying().forEach(one -> vocabulary.addAll(one.vocabulary()));
        return new Wording(space, policies.mesh(), vocabulary);
    }

    /** The step that lets nothing through. */
    private List<String> why(WorkloadRegions regions, Wording wording, Region asked, boolean http) {
        String protocol = http ? "http: " : "tcp: ";
        if (asked.isEmpty()) {
            return List.of(protocol + "no such request can occur");
        }
        Region let = space.minus(asked, regions.shut());
        if (let.isEmpty()) {
            return List.of(protocol + "the port takes mutual TLS only, by PeerAuthentication");
        }
        Region admitted = let.and(regions.admitted(http));
        if (admitted.isEmpty()) {
            return notAdmitted(regions, wording, let, http).stream()
                    .map(one -> protocol + one)
                    .toList();
        }
        Region answered = space.minus(admitted, regions.refusedByProviders(http));
        if (answered.isEmpty()) {
            return List.of(protocol + "a CUSTOM policy refuses whatever an ALLOW rule matches");
        }
        List<String> denying =
                regions.rules(Action.DENY).stream()
                        .filter(rule -> rule.region(http).overlaps(answered))
                        .map(SymbolicRule::id)
                        .toList();
        return List.of(
                protocol + "what ALLOW rules match is denied by " + String.join(", ", denying));
    }

    private List<String> notAdmitted(
            WorkloadRegions regions, Wording wording, Region asked, boolean http) {
        if (regions.enforced(Action.ALLOW).isEmpty()) {
            return List.of("no ALLOW policy applies and the mesh denies by default");
        }
        List<String> reasons = new ArrayList<>();
        for (SymbolicPolicy policy : regions.enforced(Action.ALLOW)) {
            String id = "ALLOW " + policy.policy().id();
            if (policy.policy().rules().isEmpty()) {
                reasons.add(id + " has no rules: it allows nothing");
            } else if (policy.ended()) {
                reasons.add(id + " ended at " + policy.policy().validUntil());
            } else {
                policy.rules().forEach(rule -> reasons.add(excludes(rule, wording, asked, http)));
            }
        }
        return reasons.size() <= MOST_REASONS
                ? reasons
                : List.of(
                        String.join("; ", reasons.subList(0, MOST_REASONS)),
                        (reasons.size() - MOST_REASONS) + " more ALLOW rules match none of it");
    }

    private static String excludes(SymbolicRule rule, Wording wording, Region asked, boolean http) {
        String id = "ALLOW " + rule.id();
        Region region = rule.region(http);
        if (region.isEmpty()) {
            return id
                    + (http || rule.http().isEmpty()
                            ? " matches nothing"
                            : " asks for something of HTTP, so TCP drops it");
        }
        Box box = region.boxes().getFirst();
        for (Map.Entry<Dimension, ValueSet> one : box.sets().entrySet()) {
            boolean meets =
                    asked.boxes().stream()
                            .anyMatch(other ->
                                    Objects.requireNonNullElse(
                                                    other.get(one.getKey()), one.getValue())
                                            .overlaps(one.getValue()));
            if (!meets) {
                return id
                        + " asks for "
                        + one.getKey().label()
                        + " "
                        + wording.values(one.getKey(), one.getValue());
            }
        }
        return id + " matches none of it";
    }

    private static List<RequestClass> joined(List<RequestClass> classes) {
        List<RequestClass> joined = new ArrayList<>();
        for (RequestClass one : classes) {
            int twin = -1;
            for (int i = 0; i < joined.size(); i++) {
                if (joined.get(i).saysAs(one)) {
                    twin = i;
                }
            }
            if (twin < 0) {
                joined.add(one);
            } else {
                joined.set(twin, joined.get(twin).onAnyProtocol());
            }
        }
        return joined;
    }

    /**
     * Requests that are asked about.
     *
     * @param callers whose; null: everybody's, plaintext included
     * @param plaintext whether those without an identity are asked about, where callers are named
     * @param port null: any
     * @param method null: any; with one TCP is not asked about
     * @param path null: any; with one TCP is not asked about
     */
    public record Question(
            @Nullable Language callers,
            boolean plaintext,
            @Nullable Integer port,
            @Nullable String method,
            @Nullable String path) {

        boolean concerns(boolean http) {
            return http || (method == null && path == null);
        }

        Region region(Space space, boolean http) {
            Region asked = space.occurring(http);
            if (callers != null) {
                asked = asked.and(Region.of(Plain.IDENTITY, new Texts(plaintext, callers)));
            }
            if (port != null) {
                asked = asked.and(Region.of(Plain.PORT, Ranges.ports(List.of(port))));
            }
            if (method != null) {
                asked = asked.and(exactly(space, Plain.METHOD, method));
            }
            return path == null ? asked : asked.and(exactly(space, Plain.PATH, path));
        }

        private static Region exactly(Space space, Plain dimension, String text) {
            return Region.of(dimension, new Texts(false, space.automata().of(List.of(text))));
        }
    }

    /** What came of it. */
    public sealed interface Answer {

        /** These requests are allowed, and no others of those asked about but unknown ones. */
        record Reachable(List<RequestClass> classes) implements Answer {
            public Reachable {
                classes = List.copyOf(classes);
            }
        }

        /** None is allowed: this is what excludes them. */
        record Unreachable(List<String> reasons) implements Answer {
            public Unreachable {
                reasons = List.copyOf(reasons);
            }
        }

        /** Some may be. */
        record Unknown(List<String> because) implements Answer {
            public Unknown {
                because = List.copyOf(because);
            }
        }
    }
}
