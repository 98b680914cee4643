package dev.countersign.policy.cases;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.Decision;
import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Runs cases through the same library that decides in the agent.
 *
 * <p>The policies of a JSON table are read without the rules of admission: it may say what a policy
 * does that slipped past them.
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

    /** Runs one case; one of decisions on each of its data planes. */
    public CaseResult run(TestCase subject) {
        return switch (subject) {
            case PathCase path -> normalize(path);
            case AdmissionCase admission -> admit(admission);
            case PolicyCase one ->
                    switch (one.policies()) {
                        case CasePolicies.Read read -> decide(one, read.policies());
                        case CasePolicies.Refused refused ->
                                new CaseResult.Unreadable(one, refused.problems());
                    };
        };
    }

    private static CaseResult normalize(PathCase subject) {
        String got =
                switch (PathNormalizer.normalize(subject.mode(), subject.input())) {
                    case NormalizedPath.Ok ok -> ok.path();
                    case NormalizedPath.Refused refused -> null;
                };
        return result(
                subject,
                Objects.equals(got, subject.output()),
                Objects.requireNonNullElse(got, "400"));
    }

    private static CaseResult admit(AdmissionCase subject) {
        try {
            ParsedPolicies parsed =
                    PolicyParser.parse(
                            subject.id(), subject.policy().getBytes(StandardCharsets.UTF_8));
            boolean warned = !parsed.warnings().isEmpty();
            return result(
                    subject,
                    subject.valid() && warned == subject.warning(),
                    warned ? "accepted with a warning: " + parsed.warnings() : "accepted");
        } catch (PolicyRefused e) {
            return result(subject, !subject.valid(), "refused: " + e.problems());
        }
    }

    private CaseResult decide(PolicyCase subject, List<AuthorizationPolicy> policies) {
        List<String> got = new ArrayList<>();
        boolean passed = true;
        for (DataPlane dataPlane : subject.dataPlanes()) {
            Verdict verdict = decide(subject, policies, dataPlane);
            passed &= verdict.met();
            String where = subject.dataPlanes().size() > 1 ? dataPlane + ": " : "";
            got.add(where + verdict.text());
        }
        return result(subject, passed, String.join("; ", got));
    }

    private Verdict decide(
            PolicyCase subject, List<AuthorizationPolicy> policies, DataPlane dataPlane) {
        InstantSource now = subject.at() == null ? clock : InstantSource.fixed(subject.at());
        PolicySet set = PolicySet.of(1, subject.mesh(), dataPlane, policies, now);
        ProviderAnswers answers =
                provider ->
                        subject.answers()
                                .getOrDefault(provider, ProviderAnswers.Answer.UNAVAILABLE);
        return switch (subject.request().normalized(subject.mesh().pathNormalization())) {
            case CaseRequest.Outcome.BadRequest bad ->
                    new Verdict(
                            subject.expectation().isMetByRefusedPath(),
                            "deny (400, path refused: " + bad.reason() + ")");
            case CaseRequest.Outcome.Ready ready -> {
                Decision decision =
                        set.forWorkload(subject.workload()).decide(ready.request(), answers);
                yield new Verdict(
                        subject.expectation().isMetBy(decision),
                        (decision.allowed() ? "allow" : "deny") + " (" + describe(decision) + ")");
            }
        };
    }

    private static CaseResult result(TestCase subject, boolean passed, String got) {
        return passed ? new CaseResult.Passed(subject, got) : new CaseResult.Failed(subject, got);
    }

    private static String describe(Decision decision) {
        String rule = decision.ruleIndex() < 0 ? "" : " rule " + decision.ruleIndex();
        return decision.policy().isEmpty()
                ? decision.reason().toString()
                : decision.reason() + " by " + decision.policy() + rule;
    }

    /** One decision in words, and whether it is the expected one. */
    private record Verdict(boolean met, String text) {}
}
