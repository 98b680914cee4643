package dev.countersign.policy.advice;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Explanation;
import dev.countersign.policy.Explanation.Alternative;
import dev.countersign.policy.Explanation.ClauseTrace;
import dev.countersign.policy.Explanation.PolicyTrace;
import dev.countersign.policy.Explanation.RuleTrace;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.RequestValue;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.Workload;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the smallest changes of the policies that flip one decision. */
public final class Flips {

    /** A person reads three. */
    private static final int MOST = 3;

    private final PolicySet set;
    private final Workload workload;
    private final Request request;
    private final InstantSource clock;

    private Flips(PolicySet set, Workload workload, Request request, InstantSource clock) {
        this.set = set;
        this.workload = workload;
        this.request = request;
        this.clock = clock;
    }

    /**
     * At most three changes, the smallest first; each was tried. None where no change of policies
     * that can be advised would do.
     */
    public static List<Flip> of(
            PolicySet set, Workload workload, Request request, InstantSource clock) {
        return new Flips(set, workload, request, clock).find();
    }

    private List<Flip> find() {
        List<AuthorizationPolicy> applying = set.applicableTo(workload);
        Decision now = decide(applying);
        List<List<Edit>> candidates =
                now.allowed() ? toDeny(applying) : toAllow(applying, new ArrayList<>());
        return candidates.stream()
                .map(edits -> tried(applying, edits, now))
                .flatMap(Optional::stream)
                .sorted(Comparator.comparingInt(Flip::weight).thenComparing(Flip::describe))
                .distinct()
                .limit(MOST)
                .toList();
    }

    private Optional<Flip> tried(
            List<AuthorizationPolicy> applying, List<Edit> edits, Decision before) {
        Decision after = decide(applied(applying, edits));
        return after.allowed() == before.allowed()
                ? Optional.empty()
                : Optional.of(new Flip(edits, after));
    }

    private Decision decide(List<AuthorizationPolicy> policies) {
        return compiled(policies).decide(workload, request);
    }

    private PolicySet compiled(List<AuthorizationPolicy> policies) {
        return PolicySet.of(set.revision(), set.mesh(), policies, clock);
    }

    private static List<AuthorizationPolicy> applied(
            List<AuthorizationPolicy> policies, List<Edit> edits) {
        List<AuthorizationPolicy> changed = policies;
        for (Edit edit : edits) {
            changed = edit.apply(changed);
        }
        return changed;
    }

    /** First what denies is lifted, then what allows is looked for among what is left. */
    private List<List<Edit>> toAllow(List<AuthorizationPolicy> policies, List<Edit> before) {
        Explanation explanation = compiled(policies).explain(workload, request);
        return switch (explanation.decision().reason()) {
            case DENY_RULE_MATCHED -> {
                List<List<Edit>> all = new ArrayList<>();
                for (List<Edit> lifting : liftings(explanation)) {
                    List<Edit> edits = joined(before, lifting);
                    List<AuthorizationPolicy> lifted = applied(policies, lifting);
                    Decision then = decide(lifted);
                    if (then.allowed()) {
                        all.add(edits);
                    } else if (then.reason() != Decision.Reason.DENY_RULE_MATCHED) {
                        all.addAll(toAllow(lifted, edits));
                    }
                }
                yield all;
            }
            case NO_ALLOW_RULE_MATCHED -> allowings(explanation, policies, before);
            case DENIED_BY_DEFAULT ->
                    newRule(Action.ALLOW).stream()
                            .map(rule ->
                                    joined(
                                            before,
                                            List.of(
                                                    new Edit.AddPolicy(
                                                            policy(Action.ALLOW, rule)))))
                            .toList();
            case ALLOW_RULE_MATCHED,
                    ALLOWED_BY_DEFAULT,
                    AUDIT_RULE_MATCHED,
                    CUSTOM_PROVIDER_DENIED,
                    CUSTOM_PROVIDER_UNAVAILABLE,
                    CUSTOM_PROVIDER_UNDEFINED,
                    CUSTOM_PROVIDER_NEEDS_HTTP,
                    PATH_NOT_NORMALIZED,
                    PLAINTEXT_REFUSED,
                    TOKEN_INVALID,
                    TOKEN_KEYS_UNAVAILABLE,
                    PEER_DENIED,
                    NO_POLICY_SOURCE,
                    EVALUATION_FAULT ->
                    List.of();
        };
    }

    /** Every DENY rule that matches must go, or leave this caller out. */
    private List<List<Edit>> liftings(Explanation explanation) {
        List<Edit> exempting = new ArrayList<>();
        List<Edit> removing = new ArrayList<>();
        String principal = request.sourcePrincipal();
        for (PolicyTrace policy : deciding(explanation, Action.DENY)) {
            // From the end, so that removing one leaves the indexes of those before it.
            for (RuleTrace rule : policy.rules().reversed()) {
                if (rule.matched()) {
                    removing.add(new Edit.RemoveRule(policy.id(), rule.index()));
                    if (principal != null) {
                        exempting.add(new Edit.Exempt(policy.id(), rule.index(), principal));
                    }
                }
            }
        }
        return principal == null ? List.of(removing) : List.of(exempting, removing);
    }

    private List<List<Edit>> allowings(
            Explanation explanation, List<AuthorizationPolicy> policies, List<Edit> before) {
        Map<String, AuthorizationPolicy> byId = new HashMap<>();
        policies.forEach(one -> byId.put(one.id(), one));
        List<List<Edit>> all = new ArrayList<>();
        for (PolicyTrace policy : deciding(explanation, Action.ALLOW)) {
            AuthorizationPolicy written = Objects.requireNonNull(byId.get(policy.id()));
            if (policy.ended()) {
                continue;
            }
            for (RuleTrace rule : policy.rules()) {
                if (rule.unusable() == null) {
                    mending(written, rule).ifPresent(edits -> all.add(joined(before, edits)));
                }
            }
            newRule(Action.ALLOW)
                    .ifPresent(rule ->
                            all.add(joined(before, List.of(new Edit.AddRule(policy.id(), rule)))));
        }
        return all;
    }

    /** What would make this rule match; empty where the request lacks what it asks for. */
    private Optional<List<Edit>> mending(AuthorizationPolicy policy, RuleTrace rule) {
        Rule written = policy.rules().get(rule.index());
        List<Edit> edits = new ArrayList<>();
        boolean mended =
                mend(policy, rule, FieldPlace.Part.FROM, written.from().size(), rule.from(), edits)
                        && mend(
                                policy,
                                rule,
                                FieldPlace.Part.TO,
                                written.to().size(),
                                rule.to(),
                                edits)
                        && mendConditions(policy, rule, written, edits);
        return mended && !edits.isEmpty() ? Optional.of(edits) : Optional.empty();
    }

    /** Mends the alternative with the fewest misses; the trace must be that of the written list. */
    private boolean mend(
            AuthorizationPolicy policy,
            RuleTrace rule,
            FieldPlace.Part part,
            int written,
            List<Alternative> alternatives,
            List<Edit> edits) {
        if (alternatives.isEmpty()) {
            return written == 0;
        }
        if (alternatives.size() != written) {
            return false;
        }
        int nearest = 0;
        for (int i = 1; i < alternatives.size(); i++) {
            if (alternatives.get(i).misses() < alternatives.get(nearest).misses()) {
                nearest = i;
            }
        }
        for (ClauseTrace clause : alternatives.get(nearest).clauses()) {
            String name = clause.field().substring(clause.field().indexOf('.') + 1);
            FieldPlace place = new FieldPlace(part, nearest, name, clause.field());
            if (!clause.matched() && !mend(policy, rule.index(), place, clause, edits)) {
                return false;
            }
        }
        return true;
    }

    private boolean mendConditions(
            AuthorizationPolicy policy, RuleTrace rule, Rule written, List<Edit> edits) {
        for (ClauseTrace clause : rule.when()) {
            if (clause.matched()) {
                continue;
            }
            int index = -1;
            for (int i = 0; i < written.when().size(); i++) {
                var condition = written.when().get(i);
                List<String> values =
                        clause.negative() ? condition.notValues() : condition.values();
                if (condition.key().equals(clause.field()) && values.equals(clause.expected())) {
                    index = i;
                }
            }
            if (index < 0) {
                return false;
            }
            FieldPlace place =
                    new FieldPlace(
                            FieldPlace.Part.WHEN,
                            index,
                            clause.negative() ? "notValues" : "values",
                            clause.field());
            if (!mend(policy, rule.index(), place, clause, edits)) {
                return false;
            }
        }
        return true;
    }

    private boolean mend(
            AuthorizationPolicy policy,
            int rule,
            FieldPlace place,
            ClauseTrace clause,
            List<Edit> edits) {
        if (clause.negative()) {
            List<String> matching =
                    clause.expected().stream()
                            .filter(value -> holdsWithout(policy, rule, place, value, clause))
                            .toList();
            // Several may match together; then all of them have to go.
            List<String> gone = matching.isEmpty() ? clause.expected() : matching;
            edits.add(new Edit.ChangeField(policy.id(), rule, place, gone, false));
            return clause.actual() != null;
        }
        Optional<String> value = RequestValue.of(request, clause.field());
        value.ifPresent(one ->
                edits.add(new Edit.ChangeField(policy.id(), rule, place, List.of(one), true)));
        return value.isPresent();
    }

    /** Whether the clause holds once this value is taken out of it. */
    private boolean holdsWithout(
            AuthorizationPolicy policy,
            int rule,
            FieldPlace place,
            String value,
            ClauseTrace clause) {
        if (clause.expected().size() == 1) {
            return true;
        }
        Edit edit = new Edit.ChangeField(policy.id(), rule, place, List.of(value), false);
        List<AuthorizationPolicy> changed = edit.apply(List.of(policy));
        return compiled(changed).explain(workload, request).policies().stream()
                .flatMap(one -> one.rules().stream())
                .filter(one -> one.index() == rule)
                .flatMap(one -> clausesAt(one, place))
                .filter(one -> one.field().equals(clause.field()) && one.negative())
                .allMatch(ClauseTrace::matched);
    }

    private static Stream<ClauseTrace> clausesAt(RuleTrace rule, FieldPlace place) {
        return switch (place.part()) {
            case FROM -> rule.from().get(place.index()).clauses().stream();
            case TO -> rule.to().get(place.index()).clauses().stream();
            case WHEN -> rule.when().stream();
        };
    }

    private List<List<Edit>> toDeny(List<AuthorizationPolicy> policies) {
        Explanation explanation = compiled(policies).explain(workload, request);
        List<List<Edit>> all = new ArrayList<>();
        List<Edit> removing = new ArrayList<>();
        List<Edit> narrowing = new ArrayList<>();
        for (PolicyTrace policy : deciding(explanation, Action.ALLOW)) {
            for (RuleTrace rule : policy.rules().reversed()) {
                if (rule.matched()) {
                    removing.add(new Edit.RemoveRule(policy.id(), rule.index()));
                    narrowing(policy.id(), rule).ifPresent(narrowing::add);
                }
            }
        }
        if (!removing.isEmpty()) {
            all.add(removing);
        }
        if (!narrowing.isEmpty() && narrowing.size() == removing.size()) {
            all.add(narrowing);
        }
        newRule(Action.DENY)
                .ifPresent(rule -> all.add(List.of(new Edit.AddPolicy(policy(Action.DENY, rule)))));
        return all;
    }

    /** Takes the caller's own name out of a list that names others as well. */
    private Optional<Edit> narrowing(String policy, RuleTrace rule) {
        for (int i = 0; i < rule.from().size(); i++) {
            for (ClauseTrace clause : rule.from().get(i).clauses()) {
                Optional<String> own = RequestValue.of(request, clause.field());
                if (!clause.negative()
                        && clause.expected().size() > 1
                        && own.isPresent()
                        && clause.expected().contains(own.get())) {
                    String name = clause.field().substring(clause.field().indexOf('.') + 1);
                    return Optional.of(
                            new Edit.ChangeField(
                                    policy,
                                    rule.index(),
                                    new FieldPlace(FieldPlace.Part.FROM, i, name, clause.field()),
                                    List.of(own.get()),
                                    false));
                }
            }
        }
        return Optional.empty();
    }

    /** Exactly this request of this caller; none for one that has no identity. */
    private Optional<Rule> newRule(Action action) {
        String principal = request.sourcePrincipal();
        if (principal == null && action == Action.ALLOW) {
            return Optional.empty();
        }
        List<Source> from =
                principal == null ? List.of() : List.of(Source.ofPrincipals(List.of(principal)));
        Operation operation =
                new Operation(
                        List.of(),
                        List.of(),
                        List.of(Integer.toString(request.port())),
                        List.of(),
                        listOf(request.method()),
                        List.of(),
                        listOf(request.path()),
                        List.of());
        return Optional.of(new Rule(from, List.of(operation), List.of(), null));
    }

    private static List<String> listOf(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }

    private AuthorizationPolicy policy(Action action, Rule rule) {
        String app = workload.labels().get("app");
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                workload.namespace(),
                workload.serviceAccount() + (action == Action.DENY ? "-not-for" : "-callers"),
                action,
                PolicyMode.ENFORCE,
                app == null ? workload.labels() : Map.of("app", app),
                List.of(),
                null,
                List.of(rule),
                null);
    }

    private static List<PolicyTrace> deciding(Explanation explanation, Action action) {
        return explanation.policies().stream()
                .filter(one -> one.action() == action && one.decides())
                .toList();
    }

    private static List<Edit> joined(List<Edit> first, List<Edit> then) {
        List<Edit> all = new ArrayList<>(first);
        all.addAll(then);
        return List.copyOf(all);
    }
}
