package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.reference.Asked;
import dev.countersign.policy.reference.Shrinker;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine decides, reports and marks what trying every rule would. */
class EquivalenceTest {

    private static final boolean FULL = Boolean.getBoolean("countersign.full");
    private static final int SEEDS = FULL ? 200 : 8;
    private static final int PAIRS_PER_SEED = 25_000;

    static IntStream seeds() {
        return IntStream.range(0, SEEDS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theIndexAnswersAsTryingEveryRuleDoes(int seed) {
        Equivalence equivalence =
                new Equivalence(UnaryOperator.identity(), (policies, asked) -> {});

        Optional<Shrinker.Case> difference = equivalence.firstDifference(seed, PAIRS_PER_SEED);

        assertThat(difference.map(EquivalenceTest::described)).isEmpty();
    }

    @Test
    void theGeneratorMeetsEveryReasonAndEveryFieldBothWays() {
        Set<Decision.Reason> reasons = EnumSet.noneOf(Decision.Reason.class);
        Set<String> missing =
                Stream.concat(everyOutcome(), Stream.of("expression holds", "expression fails"))
                        .collect(Collectors.toCollection(TreeSet::new));
        new Equivalence(
                        UnaryOperator.identity(),
                        (policies, asked) -> {
                            Equivalence.Answers answers = Equivalence.ofEngine(policies, asked);
                            reasons.add(answers.decision().reason());
                            answers.audited().forEach(one -> reasons.add(one.reason()));
                            if (!missing.isEmpty()) {
                                policies.explain(asked.request()).policies().stream()
                                        .flatMap(policy -> policy.rules().stream())
                                        .flatMap(EquivalenceTest::clauses)
                                        .forEach(clause -> missing.remove(outcome(clause)));
                            }
                        })
                .firstDifference(1, 40_000);

        assertThat(reasons)
                .containsAll(
                        EnumSet.complementOf(
                                EnumSet.of(
                                        // None of these is about what policies say.
                                        Decision.Reason.PEER_DENIED,
                                        Decision.Reason.PLAINTEXT_REFUSED,
                                        Decision.Reason.TOKEN_INVALID,
                                        Decision.Reason.TOKEN_KEYS_UNAVAILABLE,
                                        Decision.Reason.NO_POLICY_SOURCE,
                                        Decision.Reason.EVALUATION_FAULT)));
        assertThat(missing).isEmpty();
    }

    private static Stream<Explanation.ClauseTrace> clauses(Explanation.RuleTrace rule) {
        return Stream.of(
                        rule.from().stream().flatMap(one -> one.clauses().stream()),
                        rule.to().stream().flatMap(one -> one.clauses().stream()),
                        rule.when().stream())
                .flatMap(one -> one);
    }

    private static String outcome(Explanation.ClauseTrace clause) {
        return clause.field()
                + (clause.negative() ? " not" : "")
                + (clause.matched() ? " holds" : " fails")
                + (clause.actual() == null ? " absent" : "");
    }

    private static Stream<String> everyOutcome() {
        Stream<String> fields =
                Stream.of(
                        "source.principals",
                        "source.namespaces",
                        "source.serviceAccounts",
                        "source.trustDomains",
                        "source.ipBlocks",
                        "source.remoteIpBlocks",
                        "source.requestPrincipals",
                        "operation.ports",
                        "operation.methods",
                        "operation.paths",
                        "operation.hosts",
                        "source.ip",
                        "remote.ip",
                        "source.namespace",
                        "source.serviceAccount",
                        "source.principal",
                        "source.trustDomain",
                        "request.auth.principal",
                        "request.auth.audiences",
                        "request.auth.presenter",
                        "destination.ip",
                        "destination.port",
                        "connection.sni",
                        "request.headers[X-Tenant]",
                        "request.headers[Host]",
                        "request.auth.claims[scope]",
                        "request.auth.claims[nested][group]",
                        "experimental.envoy.filters.f[key]");
        return fields.flatMap(field -> {
            boolean part = field.startsWith("operation.") || field.endsWith("s");
            String name = field.substring(field.indexOf('.') + 1);
            String negative =
                    part && (field.startsWith("source.") || field.startsWith("operation."))
                            ? field.substring(0, field.indexOf('.'))
                                    + ".not"
                                    + Character.toUpperCase(name.charAt(0))
                                    + name.substring(1)
                                    + " not"
                            : field + " not";
            List<String> all =
                    List.of(
                            field + " holds",
                            field + " fails",
                            negative + " holds",
                            negative + " fails");
            boolean always = field.endsWith("ort") || field.endsWith("orts");
            return always
                    ? all.stream()
                    : Stream.concat(
                            all.stream(),
                            Stream.of(
                                    field + " fails absent",
                                    negative + " holds absent",
                                    negative + " fails absent"));
        });
    }

    private static String described(Shrinker.Case difference) {
        Asked asked = difference.asked();
        PolicyCompiler compiler =
                new PolicyCompiler(
                        difference.world().mesh(),
                        difference.world().dataPlane(),
                        difference.world().clock());
        return difference
                + "\n=== engine\n"
                + Equivalence.ofEngine(
                        PolicySet.of(0, compiler, difference.world().policies())
                                .forWorkload(difference.world().workload()),
                        asked)
                + "\n=== reference\n"
                + Equivalence.ofReference(difference.world().reference(0), asked);
    }
}
