package dev.countersign.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.Destination.Listener;
import dev.countersign.policy.analysis.Destination.Protocol;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.parse.PolicyRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyDiffTest {

    private static final Destination ORDERS = Written.workload("shop", "orders");
    private final Written written = new Written(Written.MESH);

    @Test
    void whatIsAddedAndWhatIsTakenAwayIsSaidInTheWordsOfThePolicies() throws PolicyRefused {
        PolicyDiff.Result result =
                diff(
                        written.set(
                                "ALLOW shop/callers rules: [{from: [{source: {serviceAccounts:"
                                        + " [web]}}], to: [{operation: {methods: [GET, POST], paths:"
                                        + " [/orders]}}]}]"),
                        written.set(
                                "ALLOW shop/callers rules: [{from: [{source: {serviceAccounts:"
                                        + " [web]}}], to: [{operation: {methods: [GET], paths:"
                                        + " [/orders]}}]}, {from: [{source: {namespaces: [batch]}}],"
                                        + " to: [{operation: {methods: [GET], paths:"
                                        + " ['/orders/{**}']}}]}]"));

        assertThat(lines(result))
                .containsExactly(
                        "lost from shop/web POST /orders",
                        "gained from any in batch GET /orders/{**}");
        assertThat(result.unknowns()).isEmpty();
        Request witness = witness(result, 1);
        assertThat(witness.sourcePrincipal()).startsWith("td/ns/batch/sa/");
        assertThat(witness.path()).startsWith("/orders/");
    }

    @Test
    void aDenyThatIsAddedTakesItsShareOutOfWhatIsAllowed() throws PolicyRefused {
        String callers = "ALLOW shop/callers rules: [{from: [{source: {namespaces: [web]}}]}]";

        PolicyDiff.Result result =
                diff(
                        written.set(callers),
                        written.set(
                                callers,
                                "DENY shop/admin rules: [{from: [{source: {notServiceAccounts:"
                                        + " [web/admin]}}], to: [{operation: {paths: ['/admin*']}}]}]"));

        assertThat(lines(result))
                .containsExactly(
                        "lost from any in web except web/admin any method /admin*",
                        "lost from any in web except web/admin any tcp connection");
    }

    @Test
    void otherWordsForTheSameAreNoChange() throws PolicyRefused {
        PolicyDiff.Result result =
                diff(
                        written.set(
                                "ALLOW shop/a rules: [{to: [{operation: {methods: [GET, HEAD],"
                                        + " paths: ['/a*']}}]}]"),
                        written.set(
                                "ALLOW shop/b rules: [{to: [{operation: {methods: [HEAD], paths:"
                                        + " ['/a*']}}]}, {to: [{operation: {methods: [GET], paths:"
                                        + " ['/ab*']}}]}, {to: [{operation: {methods: [GET], paths:"
                                        + " ['/a*'], notPaths: ['/ab*']}}]}]"));

        assertThat(result.changes()).isEmpty();
        assertThat(result.unknowns()).isEmpty();
    }

    @Test
    void whatIsSaidOfHttpAndTcpAlikeIsSaidOnce() throws PolicyRefused {
        PolicyDiff.Result result =
                diff(
                        written.set("ALLOW shop/a rules: []"),
                        written.set(
                                "ALLOW shop/a rules: [{from: [{source: {principals: ['*']}}], to:"
                                        + " [{operation: {ports: ['9000']}}]}]"));

        assertThat(lines(result)).containsExactly("gained from any identity anything on port 9000");
    }

    @Test
    void onlyPortsAndProtocolsThatTheWorkloadHasAreAskedAbout() throws PolicyRefused {
        Destination web =
                new Destination(
                        "shop/orders",
                        ORDERS.workload(),
                        List.of(new Listener(8080, Protocol.HTTP)),
                        false);
        SymbolicPolicies old = written.set("ALLOW shop/a rules: []");

        assertThat(
                        diff(
                                        old,
                                        written.set(
                                                "ALLOW shop/a rules: [{to: [{operation: {ports:"
                                                        + " ['9000']}}]}]"),
                                        web)
                                .changes())
                .isEmpty();
        assertThat(lines(diff(old, written.set("ALLOW shop/a rules: [{}]"), web)))
                .containsExactly("gained from anyone any http request on port 8080");
    }

    @Test
    void whatRestsOnATokenIsPossibleIf() throws PolicyRefused {
        PolicyDiff.Result result =
                diff(
                        written.set("ALLOW shop/a rules: []"),
                        written.set(
                                "ALLOW shop/a rules: [{when: [{key: 'request.auth.claims[role]',"
                                        + " values: [admin]}]}]"));

        Change change = result.changes().getFirst();
        assertThat(change.requests().onlyIf())
                .containsExactly("claim role is present", "claim role matches admin");
        assertThat(witness(result, 0).jwtClaims()).hasToString("{role=admin}");
    }

    @Test
    void anExpressionIsLeftOpenAndSaidToBe() throws PolicyRefused {
        PolicyDiff.Result result =
                diff(
                        written.set("ALLOW shop/a rules: []"),
                        written.set(
                                "ALLOW shop/a rules: [{expression: 'request.method == \"PUT\"'}]"));

        assertThat(result.changes().getFirst().requests().onlyIf())
                .containsExactly("expression is true: request.method == \"PUT\"");
        assertThat(result.changes().getFirst().requests().witness()).isNull();
        assertThat(result.unknowns().getFirst().why())
                .isEqualTo("rests on: expression is true: request.method == \"PUT\"");
    }

    @Test
    void theSameExpressionIsTheSameUnknown() throws PolicyRefused {
        String expression = "rules: [{expression: 'request.method == \"PUT\"'}]";

        assertThat(
                        diff(
                                        written.set("ALLOW shop/a " + expression),
                                        written.set("ALLOW shop/b " + expression))
                                .changes())
                .isEmpty();
        assertThat(
                        diff(
                                        written.set("ALLOW shop/a rules: []"),
                                        written.set(
                                                "ALLOW shop/a " + expression,
                                                "DENY shop/d " + expression))
                                .changes())
                .as("what it denies where it has no value, it denies where it is true")
                .isEmpty();
    }

    @Test
    void seenTrafficIsCountedForWhatWouldBeCut() throws PolicyRefused {
        List<SeenRequests> seen =
                List.of(
                        seen("td/ns/shop/sa/web", "POST", "/orders", true, 1840),
                        seen("td/ns/shop/sa/web", "GET", "/orders", true, 7),
                        seen("td/ns/shop/sa/guest", "POST", "/orders", false, 3),
                        seen("td/ns/shop/sa/web", "POST", "/orders/{*}", true, 11));
        SymbolicPolicies old =
                written.set("ALLOW shop/a rules: [{from: [{source: {namespaces: [shop]}}]}]");
        SymbolicPolicies fresh =
                written.set(
                        "ALLOW shop/a rules: [{from: [{source: {namespaces: [shop]}}], to:"
                                + " [{operation: {notMethods: [POST]}}]}]");

        PolicyDiff.Result result =
                new PolicyDiff(old, fresh, List.of(), seen).run(List.of(ORDERS), one -> {});

        assertThat(result.changes().getFirst().requests().request()).isEqualTo("POST any path");
        assertThat(result.changes().getFirst().seen()).isEqualTo(1851);
        assertThat(result.cuts()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void everyRequestThatIsDecidedDifferentlyIsAnnounced(long seed) {
        RandomPolicies words = new RandomPolicies(new Random(seed));
        Workload workload = new Workload("a", "orders", Map.of("app", "orders"));
        Destination destination = new Destination("a/orders", workload, List.of(), false);
        Automata automata = new Automata();
        int differing = 0;
        int witnessed = 0;
        for (int i = 0; i < 150; i++) {
            MeshSettings mesh = words.mesh();
            Space space = new Space(mesh, automata);
            SymbolicPolicies.Compiler compiler =
                    new SymbolicPolicies.Compiler(mesh, RandomPolicies.NOW, space);
            List<AuthorizationPolicy> policies = new ArrayList<>(words.policies());
            SymbolicPolicies old = compiler.compile(List.copyOf(policies));
            policies.add(words.policy("added"));
            SymbolicPolicies fresh = compiler.compile(policies);
            PolicyDiff.Result result = diff(old, fresh, destination);
            witnessed +=
                    (int)
                            result.changes().stream()
                                    .filter(one -> one.requests().witness() != null)
                                    .count();
            for (int j = 0; j < 40; j++) {
                Request request = words.request();
                ProviderAnswers answers = words.answers();
                boolean before =
                        old.engine().forWorkload(workload).decide(request, answers).allowed();
                boolean after =
                        fresh.engine().forWorkload(workload).decide(request, answers).allowed();
                boolean occurs =
                        new RequestPoint(request, answers, mesh.spaceDelimitedClaims())
                                .isIn(space.occurring(request.isHttp()));
                if (before != after && occurs) {
                    differing++;
                    assertThat(result.changes())
                            .as("%s%n%s%n%s", mesh, policies, request)
                            .anyMatch(one -> one.nowAllowed() == after);
                }
            }
        }

        assertThat(differing).isGreaterThan(50);
        assertThat(witnessed).isGreaterThan(50);
    }

    private static SeenRequests seen(
            String source, String method, String path, boolean allowed, long count) {
        return new SeenRequests(
                source, ORDERS.workload(), true, 8080, method, path, allowed, count);
    }

    private static PolicyDiff.Result diff(SymbolicPolicies old, SymbolicPolicies fresh) {
        return diff(old, fresh, ORDERS);
    }

    private static PolicyDiff.Result diff(
            SymbolicPolicies old, SymbolicPolicies fresh, Destination destination) {
        return new PolicyDiff(old, fresh, List.of("td/ns/shop/sa/web"), null)
                .run(List.of(destination), one -> {});
    }

    private static List<String> lines(PolicyDiff.Result result) {
        return result.changes().stream()
                .map(one ->
                        (one.nowAllowed() ? "gained" : "lost")
                                + " from "
                                + one.requests().source()
                                + " "
                                + one.requests().request())
                .toList();
    }

    private static Request witness(PolicyDiff.Result result, int index) {
        Witness witness = result.changes().get(index).requests().witness();
        assertThat(witness).isNotNull();
        return witness.request();
    }
}
