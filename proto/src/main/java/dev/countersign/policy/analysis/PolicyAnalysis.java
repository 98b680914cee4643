package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.analysis.Finding.Code;
import dev.countersign.policy.analysis.text.TooLarge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Looks through a set of policies for rules that do nothing, doors that stand open and policies that
 * work against each other.
 *
 * <p>Destinations to which the same policies apply are looked at once.
 */
public final class PolicyAnalysis {

    private final SymbolicPolicies policies;
    private final List<Destination> destinations;
    private final boolean workloadsAreKnown;

    /**
     * An analysis of a set for these destinations.
     *
     * @param workloadsAreKnown whether these are all workloads there are: then a policy may turn
     *     out to select nothing
     */
    public PolicyAnalysis(
            SymbolicPolicies policies, List<Destination> destinations, boolean workloadsAreKnown) {
        this.policies = policies;
        this.destinations = List.copyOf(destinations);
        this.workloadsAreKnown = workloadsAreKnown;
    }

    /**
     * The findings, bad ones first.
     *
     * @param progress hears how many more destinations are done; may be called from several threads
     */
    public Result run(IntConsumer progress) {
        List<DestinationGroup> groups = groups();
        List<DestinationGroup.Result> results =
                groups.parallelStream()
                        .map(group -> {
                            DestinationGroup.Result result = look(group);
                            progress.accept(group.destinations().size());
                            return result;
                        })
                        .toList();
        List<Unknown> unknowns = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        RuleVerdicts verdicts = new RuleVerdicts();
        for (DestinationGroup.Result result : results) {
            unknowns.addAll(result.unknowns());
            findings.addAll(result.findings());
            verdicts.add(result);
        }
        findings.addAll(verdicts.findings());
        findings.addAll(ofPolicies(results));
        findings.sort(
                Comparator.comparing((Finding one) -> !one.code().bad())
                        .thenComparing(Finding::code)
                        .thenComparing(Finding::subject)
                        .thenComparing(Finding::detail));
        return new Result(
                policies.policies().size(), destinations.size(), groups.size(), findings, unknowns);
    }

    private DestinationGroup.Result look(DestinationGroup group) {
        try {
            return group.look();
        } catch (TooLarge e) {
            return group.givenUp(e.getMessage() + "");
        }
    }

    private List<DestinationGroup> groups() {
        Map<Object, List<Destination>> alike = new LinkedHashMap<>();
        for (Destination one : destinations) {
            List<SymbolicPolicy> applying = policies.applying(one.workload());
            alike.computeIfAbsent(List.of(applying, one.ports()), key -> new ArrayList<>())
                    .add(one);
        }
        return alike.values().stream().map(one -> new DestinationGroup(policies, one)).toList();
    }

    /** What is said of policies as a whole. */
    private List<Finding> ofPolicies(Collection<DestinationGroup.Result> results) {
        Set<AuthorizationPolicy> applying = new HashSet<>();
        results.forEach(one -> one.applying().forEach(policy -> applying.add(policy.policy())));
        List<Finding> findings = new ArrayList<>();
        for (AuthorizationPolicy policy : policies.policies()) {
            if (!policy.targetRefs().isEmpty()) {
                findings.add(
                        about(
                                policy,
                                Code.NOT_FOR_SIDECARS,
                                "has targetRefs: no sidecar takes it"));
            } else if (policies.hasEnded(policy)) {
                findings.add(about(policy, Code.ENDED, "ended at " + policy.validUntil()));
            } else if (workloadsAreKnown && !applying.contains(policy)) {
                findings.add(about(policy, Code.SELECTS_NOTHING, selectsNothing(policy)));
            }
        }
        return findings;
    }

    private static String selectsNothing(AuthorizationPolicy policy) {
        return policy.selector().isEmpty()
                ? "applies to no workload: there is none in namespace " + policy.namespace()
                : "applies to no workload: none has the labels " + policy.selector();
    }

    private static Finding about(AuthorizationPolicy policy, Code code, String detail) {
        return new Finding(
                code, policy.action() + " " + policy.id(), detail, List.of(), Places.NONE, null);
    }

    /** Collects verdicts about rules over all destinations: only what holds everywhere counts. */
    private static final class RuleVerdicts {
        private final Map<SymbolicRule, RuleVerdict> rules = new LinkedHashMap<>();
        private final Map<SymbolicPolicy, Boolean> useless = new LinkedHashMap<>();

        void add(DestinationGroup.Result result) {
            result.verdicts()
                    .forEach((rule, verdict) -> rules.merge(rule, verdict, RuleVerdict::and));
            result.allowPolicies()
                    .forEach((policy, one) -> useless.merge(policy, one, Boolean::logicalAnd));
        }

        List<Finding> findings() {
            List<Finding> findings = new ArrayList<>();
            rules.forEach((rule, verdict) -> {
                Finding finding = verdict.finding(rule);
                if (finding != null) {
                    findings.add(finding);
                }
            });
            useless.forEach((policy, without) -> {
                if (without) {
                    findings.add(
                            about(
                                    policy.policy(),
                                    Code.ALLOW_WITHOUT_EFFECT,
                                    "can be taken away and nothing changes"));
                }
            });
            return findings;
        }
    }

    /** A policy said of as a whole; {@link Action} first, as a person reads it. */
    static String name(SymbolicRule rule) {
        return rule.policy().action() + " " + rule.id();
    }

    /**
     * What came of it.
     *
     * @param classes groups of destinations to which the same policies apply
     */
    public record Result(
            int policies,
            int destinations,
            int classes,
            List<Finding> findings,
            List<Unknown> unknowns) {
        public Result {
            findings = List.copyOf(findings);
            unknowns = List.copyOf(unknowns);
        }

        /** How many findings are likely mistakes. */
        public long bad() {
            return findings.stream().filter(one -> one.code().bad()).count();
        }
    }
}
