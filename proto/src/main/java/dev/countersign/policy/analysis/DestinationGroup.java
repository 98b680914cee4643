package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.Finding.Code;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Destinations to which the same policies apply, looked at once for all of them. */
final class DestinationGroup {

    private final SymbolicPolicies policies;
    private final List<Destination> destinations;
    private final Space space;
    private final WorkloadRegions regions;
    private final Workload workload;
    private final Referee referee;
    private final Map<AuthorizationPolicy, Referee> alone = new HashMap<>();
    private final Witnesses witnesses;
    private final Map<Boolean, Region> occurring = new TreeMap<>(Comparator.reverseOrder());
    private final Map<Boolean, Region> allowed = new TreeMap<>(Comparator.reverseOrder());
    private final List<Finding> findings = new ArrayList<>();
    private final List<Unknown> unknowns = new ArrayList<>();

    DestinationGroup(SymbolicPolicies policies, List<Destination> destinations) {
        this.policies = policies;
        this.destinations = List.copyOf(destinations);
        Destination first = destinations.getFirst();
        this.space = policies.space();
        this.workload = first.workload();
        this.regions = policies.forWorkload(workload);
        this.referee = policies.referee(workload);
        this.witnesses = Witnesses.about(first, space, List.of());
        for (boolean http : List.of(true, false)) {
            if (first.speaks(http)) {
                List<Integer> ports = first.ports(http);
                Region all = space.occurring(http);
                occurring.put(
                        http,
                        ports.isEmpty()
                                ? all
                                : all.and(Region.of(Plain.PORT, Ranges.ports(ports))));
            }
        }
    }

    List<Destination> destinations() {
        return destinations;
    }

    Result look() {
        Map<SymbolicRule, RuleVerdict> verdicts = new LinkedHashMap<>();
        RuleCoverage allows = new RuleCoverage(space, regions.rules(Action.ALLOW), occurring);
        RuleCoverage denies = new RuleCoverage(space, regions.rules(Action.DENY), occurring);
        Map<SymbolicRule, List<SymbolicRule>> denied = deniedWhole(allows);
        judge(Action.ALLOW, allows, denied, verdicts);
        judge(Action.DENY, denies, Map.of(), verdicts);
        for (Action action : List.of(Action.CUSTOM, Action.AUDIT)) {
            List<SymbolicRule> rules = regions.rules(action);
            RuleCoverage coverage = new RuleCoverage(space, rules, occurring);
            rules.forEach(rule ->
                    verdicts.put(rule, verdict(coverage.isEmpty(rule), false, false, List.of())));
        }
        occurring.forEach((http, all) -> allowed.put(http, regions.allowed(http, all)));
        OpenDoors doors =
                new OpenDoors(policies, destinations, regions, occurring, allowed, witnesses);
        doors.find();
        findings.addAll(doors.findings());
        unknowns.addAll(doors.unknowns());
        findMeetings(allows, denies, denied);
        return new Result(
                regions.applying(), findings, unknowns, verdicts, allowPolicies(verdicts));
    }

    /** What is said where the question was too large. */
    Result givenUp(String why) {
        return new Result(
                regions.applying(),
                List.of(),
                List.of(new Unknown(Places.of(destinations).toString(), why)),
                Map.of(),
                Map.of());
    }

    private void judge(
            Action action,
            RuleCoverage coverage,
            Map<SymbolicRule, List<SymbolicRule>> denied,
            Map<SymbolicRule, RuleVerdict> verdicts) {
        Map<SymbolicRule, List<SymbolicRule>> covered = coverage.covered();
        for (SymbolicRule rule : regions.rules(action)) {
            List<SymbolicRule> by =
                    covered.getOrDefault(rule, denied.getOrDefault(rule, List.of()));
            verdicts.put(
                    rule,
                    verdict(
                            coverage.isEmpty(rule),
                            covered.containsKey(rule),
                            denied.containsKey(rule),
                            by));
        }
    }

    private RuleVerdict verdict(
            boolean empty, boolean covered, boolean denied, List<SymbolicRule> by) {
        return new RuleVerdict(empty, covered, denied, by, Places.of(destinations));
    }

    /** The ALLOW rules of which DENY rules leave nothing, with those DENY rules. */
    private Map<SymbolicRule, List<SymbolicRule>> deniedWhole(RuleCoverage allows) {
        Map<Boolean, Region> all = new TreeMap<>();
        occurring.keySet().forEach(http -> all.put(http, regions.denied(http)));
        Map<SymbolicRule, List<SymbolicRule>> denied = new LinkedHashMap<>();
        for (SymbolicRule rule : regions.rules(Action.ALLOW)) {
            if (!allows.isEmpty(rule) && allows.isWithin(rule, all)) {
                denied.put(
                        rule,
                        regions.rules(Action.DENY).stream()
                                .filter(deny -> meets(allows, rule, deny))
                                .toList());
            }
        }
        return denied;
    }

    private boolean meets(RuleCoverage allows, SymbolicRule rule, SymbolicRule deny) {
        return occurring.keySet().stream()
                .anyMatch(http -> allows.region(rule, http).overlaps(deny.region(http)));
    }

    /** Whether each ALLOW policy with rules could be taken away here. */
    private Map<SymbolicPolicy, Boolean> allowPolicies(Map<SymbolicRule, RuleVerdict> verdicts) {
        List<SymbolicPolicy> allow = regions.enforced(Action.ALLOW);
        boolean closes = policies.mesh().defaultAction() == DefaultAction.ALLOW;
        Map<SymbolicPolicy, Boolean> without = new LinkedHashMap<>();
        for (SymbolicPolicy policy : allow) {
            if (policy.policy().rules().isEmpty()) {
                continue;
            }
            boolean idle =
                    policy.ended()
                            || policy.rules().stream()
                                    .map(verdicts::get)
                                    .allMatch(one ->
                                            one == null
                                                    || one.empty()
                                                    || one.covered()
                                                    || one.denied());
            without.put(policy, idle && (allow.size() > 1 || !closes));
        }
        return without;
    }

    /** Where an ALLOW rule and a DENY rule match the same, unless DENY leaves nothing of it. */
    private void findMeetings(
            RuleCoverage allows,
            RuleCoverage denies,
            Map<SymbolicRule, List<SymbolicRule>> denied) {
        for (SymbolicRule allow : regions.rules(Action.ALLOW)) {
            for (SymbolicRule deny : regions.rules(Action.DENY)) {
                if (!denied.containsKey(allow)) {
                    findMeeting(allows, denies, allow, deny);
                }
            }
        }
    }

    private void findMeeting(
            RuleCoverage allows, RuleCoverage denies, SymbolicRule allow, SymbolicRule deny) {
        for (boolean http : occurring.keySet()) {
            if (!allows.region(allow, http).overlaps(denies.region(deny, http))) {
                continue;
            }
            Region both = allows.region(allow, http).and(denies.region(deny, http));
            Referee one =
                    alone.computeIfAbsent(
                            allow.policy(), policy -> policies.referee(policy, workload));
            Optional<Witness> witness =
                    witnesses.find(
                            both, http, seen -> referee.deniesByRule(seen) && one.allows(seen));
            if (witness.isPresent()) {
                findings.add(
                        new Finding(
                                Code.ALLOW_MEETS_DENY,
                                PolicyAnalysis.name(allow),
                                "is cut by " + PolicyAnalysis.name(deny),
                                List.of(allow.id(), deny.id()),
                                Places.of(destinations),
                                witness.get()));
                return;
            }
        }
    }

    /**
     * What was seen.
     *
     * @param allowPolicies for each ALLOW policy with rules whether it does nothing here
     */
    record Result(
            List<SymbolicPolicy> applying,
            List<Finding> findings,
            List<Unknown> unknowns,
            Map<SymbolicRule, RuleVerdict> verdicts,
            Map<SymbolicPolicy, Boolean> allowPolicies) {
        Result {
            findings = List.copyOf(findings);
            unknowns = List.copyOf(unknowns);
        }
    }
}
