package dev.countersign.policy.cases;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.Decision;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs cases through the same library that decides in the agent.
 *
 * <p>Policies are read without the rules of admission: a table may say what a policy does that
 * slipped past them.
 */
public final class CaseRunner {

    private final InstantSource clock;

    /** A runner for which policies with an end are in force as this clock has it. */
    public CaseRunner(InstantSource clock) {
        this.clock = clock;
    }

    /** Runs every case, in order. */
    public List<CaseResult> run(CaseTable table) {
        return table.cases().stream().map(this::run).toList();
    }

    /** Runs one case on each of its data planes. */
    public CaseResult run(PolicyCase subject) {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        for (int i = 0; i < subject.policies().size(); i++) {
            byte[] yaml = subject.policies().get(i).getBytes(StandardCharsets.UTF_8);
            try {
                policies.addAll(
                        PolicyParser.parseUnchecked("policies[" + i + "]", yaml).policies());
            } catch (PolicyRefused e) {
                return new CaseResult.Unreadable(
                        subject, e.problems().stream().map(Problem::toString).toList());
            }
        }
        return run(subject, policies);
    }

    private CaseResult run(PolicyCase subject, List<AuthorizationPolicy> policies) {
        List<String> got = new ArrayList<>();
        boolean passed = true;
        for (DataPlane dataPlane : subject.dataPlanes()) {
            Verdict verdict = decide(subject, policies, dataPlane);
            passed &= verdict.allowed() == subject.expectedAllowed();
            String where = subject.dataPlanes().size() > 1 ? dataPlane + ": " : "";
            got.add(where + verdict.describe());
        }
        String described = String.join("; ", got);
        return passed
                ? new CaseResult.Passed(subject, described)
                : new CaseResult.Failed(subject, described);
    }

    private Verdict decide(
            PolicyCase subject, List<AuthorizationPolicy> policies, DataPlane dataPlane) {
        PolicySet set = PolicySet.of(1, subject.mesh(), dataPlane, policies, clock);
        ProviderAnswers answers =
                provider ->
                        subject.answers()
                                .getOrDefault(provider, ProviderAnswers.Answer.UNAVAILABLE);
        return switch (subject.request().normalized(subject.mesh().pathNormalization())) {
            case CaseRequest.Outcome.BadRequest bad ->
                    new Verdict(false, "400, path refused: " + bad.reason());
            case CaseRequest.Outcome.Ready ready -> {
                Decision decision =
                        set.forWorkload(subject.workload()).decide(ready.request(), answers);
                yield new Verdict(decision.allowed(), describe(decision));
            }
        };
    }

    private static String describe(Decision decision) {
        String rule = decision.ruleIndex() < 0 ? "" : " rule " + decision.ruleIndex();
        return decision.policy().isEmpty()
                ? decision.reason().toString()
                : decision.reason() + " by " + decision.policy() + rule;
    }

    /** One decision in words. */
    private record Verdict(boolean allowed, String why) {
        String describe() {
            return (allowed ? "allow" : "deny") + " (" + why + ")";
        }
    }
}
