package dev.countersign.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.analysis.Reachability.Answer;
import dev.countersign.policy.parse.PolicyRefused;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReachabilityTest {

    private final Written written = new Written(Written.MESH);

    @Test
    void whoMayIsToldWithARequestThatIsAllowed() throws PolicyRefused {
        Answer answer = ask(callers(), "shop/web", 8080, "GET", "/orders/42");

        assertThat(answer).isInstanceOf(Answer.Reachable.class);
        RequestClass one = ((Answer.Reachable) answer).classes().getFirst();
        assertThat(one.source()).isEqualTo("shop/web");
        assertThat(one.witness()).isNotNull();
        assertThat(one.witness().request().path()).isEqualTo("/orders/42");
    }

    @Test
    void whoMayNotIsToldWhichClauseIsInTheWay() throws PolicyRefused {
        assertThat(ask(callers(), "shop/guest", 8080, "GET", "/orders/42"))
                .isEqualTo(
                        unreachable("http: ALLOW shop/callers rule 0 asks for identity shop/web"));
        assertThat(ask(callers(), "shop/web", null, "POST", null))
                .isEqualTo(unreachable("http: ALLOW shop/callers rule 0 asks for method GET"));
        assertThat(ask(callers(), "nobody", null, null, null))
                .isEqualTo(
                        unreachable(
                                "http: ALLOW shop/callers rule 0 asks for identity shop/web",
                                "tcp: ALLOW shop/callers rule 0 asks for something of HTTP, so TCP"
                                        + " drops it"));
    }

    @Test
    void whatADenyTakesAwayIsToldByTheDeny() throws PolicyRefused {
        SymbolicPolicies set =
                written.set(
                        "ALLOW shop/a rules: [{from: [{source: {namespaces: [shop]}}]}]",
                        "DENY shop/d rules: [{from: [{source: {serviceAccounts: [guest]}}]}]");

        assertThat(ask(set, "shop/guest", null, "GET", null))
                .isEqualTo(unreachable("http: what ALLOW rules match is denied by shop/d rule 0"));
    }

    @Test
    void withoutAPolicyTheDefaultIsTheReason() throws PolicyRefused {
        assertThat(ask(written.set(), "shop/web", null, "GET", "/"))
                .isEqualTo(
                        unreachable(
                                "http: no ALLOW policy applies and the mesh denies by default"));
    }

    @Test
    void everybodyWhoMayIsListed() throws PolicyRefused {
        SymbolicPolicies set =
                written.set(
                        "ALLOW shop/a rules: [{from: [{source: {serviceAccounts: [web]}}]}, {from:"
                                + " [{source: {namespaces: [batch]}}], to: [{operation: {methods:"
                                + " [GET]}}]}]");

        Answer answer = ask(set, null, null, null, null);

        assertThat(answer).isInstanceOf(Answer.Reachable.class);
        assertThat(((Answer.Reachable) answer).classes())
                .extracting(one -> one.source() + " " + one.request())
                .containsExactlyInAnyOrder("shop/web anything", "any in batch GET any path");
    }

    @Test
    void whatRestsOnAnExternalAnswerIsToldWithIt() throws PolicyRefused {
        Answer answer =
                ask(
                        written.set(
                                "ALLOW shop/a rules: [{when: [{key: 'request.auth.claims[role]',"
                                        + " values: [admin]}]}]"),
                        "shop/web",
                        null,
                        "GET",
                        "/");

        assertThat(((Answer.Reachable) answer).classes().getFirst().onlyIf())
                .contains("claim role matches admin");
    }

    private SymbolicPolicies callers() throws PolicyRefused {
        return written.set(
                "ALLOW shop/callers rules: [{from: [{source: {serviceAccounts: [web]}}], to:"
                        + " [{operation: {methods: [GET], paths: ['/orders/*']}}]}]");
    }

    private static Answer unreachable(String... reasons) {
        return new Answer.Unreachable(List.of(reasons));
    }

    private static Answer ask(
            SymbolicPolicies set,
            @Nullable String from,
            @Nullable Integer port,
            @Nullable String method,
            @Nullable String path) {
        Reachability.Question question =
                Callers.question(set.mesh(), set.space(), from, port, method, path).orElseThrow();
        return new Reachability(set, List.of()).ask(Written.workload("shop", "orders"), question);
    }
}
