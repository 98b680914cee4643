package dev.countersign.policy.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Compatibility;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlipsTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final MeshSettings MESH =
            MeshSettings.countersign("countersign-system", "example.org");

    private static final String CALLERS =
            """
            rules:
              - from: [{source: {principals: [example.org/ns/shop/sa/web]}}]
                to: [{operation: {methods: [GET], paths: [/orders/*], notPorts: ["9090"]}}]
            """;

    @Test
    void theMissingCallerIsAddedToTheRuleThatNearlyMatches() throws PolicyRefused {
        List<Flip> flips = flips(allow(CALLERS), request("guest", "GET", "/orders/42"));

        assertThat(flips.getFirst().describe())
                .isEqualTo(
                        "add example.org/ns/shop/sa/guest to source.principals in rule 0 of"
                                + " shop/callers");
        assertThat(flips.getFirst().after().allowed()).isTrue();
    }

    @Test
    void everyMissingClauseIsNamed() throws PolicyRefused {
        assertThat(descriptions(allow(CALLERS), request("guest", "POST", "/orders/42")))
                .contains(
                        "add example.org/ns/shop/sa/guest to source.principals in rule 0 of"
                                + " shop/callers, and add POST to operation.methods in rule 0 of"
                                + " shop/callers");
    }

    @Test
    void aNegativeValueThatMatchesIsTakenOut() throws PolicyRefused {
        String policy = CALLERS.replace("\"9090\"", "\"8080\", \"9090\"");

        assertThat(descriptions(allow(policy), request("web", "GET", "/orders/42")))
                .first()
                .isEqualTo("remove 8080 from operation.notPorts in rule 0 of shop/callers");
    }

    @ParameterizedTest
    @CsvSource({
        "'namespaces: [batch]', add shop to source.namespaces",
        "'serviceAccounts: [batch/job]', add shop/guest to source.serviceAccounts",
        "'trustDomains: [other.org]', add example.org to source.trustDomains",
        "'ipBlocks: [10.1.0.0/16]', add 10.0.0.7 to source.ipBlocks"
    })
    void theValueIsOfTheKindThatTheFieldHolds(String source, String edit) throws PolicyRefused {
        String rules = "rules:\n  - from: [{source: {" + source + "}}]\n";

        assertThat(descriptions(allow(rules), request("guest", "GET", "/x")).getFirst())
                .startsWith(edit);
    }

    @Test
    void aConditionIsMendedWhereItStands() throws PolicyRefused {
        String rules =
                """
                rules:
                  - when:
                    - {key: source.namespace, values: [shop]}
                    - {key: "request.headers[x-tenant]", values: [blue]}
                """;
        Request request = builder("guest", "GET", "/x").header("x-tenant", "red").build();

        assertThat(descriptions(allow(rules), request).getFirst())
                .isEqualTo("add red to request.headers[x-tenant] in rule 0 of shop/callers");
    }

    @Test
    void aHeaderThatIsNotThereCannotBeMended() throws PolicyRefused {
        String rules = "rules:\n  - when: [{key: \"request.headers[x-tenant]\", values: [blue]}]\n";

        assertThat(descriptions(allow(rules), request("guest", "GET", "/x")))
                .containsExactly(
                        "add a rule to shop/callers: {from: [{source: {principals:"
                                + " [\"example.org/ns/shop/sa/guest\"]}}], to: [{operation:"
                                + " {ports: [\"8080\"], methods: [\"GET\"], paths: [\"/x\"]}}]}");
    }

    @Test
    void nobodyIsLetInWithoutAnIdentity() throws PolicyRefused {
        Request plaintext = Request.http().port(8080).method("GET").path("/orders/1").build();

        assertThat(flips(allow(CALLERS), plaintext)).isEmpty();
    }

    @Test
    void everyDenyThatMatchesHasToLetTheCallerPass() throws PolicyRefused {
        String denies =
                policy("no-writes", "DENY", "rules:\n  - to: [{operation: {methods: [POST]}}]\n")
                        + "---\n"
                        + policy(
                                "no-guests",
                                "DENY",
                                "rules:\n  - from: [{source: {principals: [\"*/sa/guest\"]}}]\n");
        Request request = request("guest", "POST", "/orders/42");

        List<Flip> flips = flips(allow("rules: [{}]\n") + "---\n" + denies, request);

        assertThat(flips.getFirst().describe())
                .isEqualTo(
                        "add example.org/ns/shop/sa/guest to source.notPrincipals in rule 0 of"
                                + " shop/no-writes, and add example.org/ns/shop/sa/guest to"
                                + " source.notPrincipals in rule 0 of shop/no-guests");
    }

    @Test
    void behindADenyTheMissingAllowIsFoundAsWell() throws PolicyRefused {
        String deny =
                policy("no-guests", "DENY", "rules:\n  - from: [{source: {namespaces: [shop]}}]\n");

        Flip flip =
                flips(allow(CALLERS) + "---\n" + deny, request("guest", "GET", "/orders/42"))
                        .getFirst();

        assertThat(flip.edits()).hasSize(2);
        assertThat(flip.after().allowed()).isTrue();
    }

    @Test
    void withoutAnyAllowOneIsWrittenForTheWorkload() throws PolicyRefused {
        assertThat(descriptions("", request("web", "GET", "/x")))
                .containsExactly(
                        "add an ALLOW policy in shop for {app=orders}: {from: [{source: {principals:"
                                + " [\"example.org/ns/shop/sa/web\"]}}], to: [{operation: {ports:"
                                + " [\"8080\"], methods: [\"GET\"], paths: [\"/x\"]}}]}");
    }

    @Test
    void whatIsAllowedIsTakenOutOfTheListThatAllowsIt() throws PolicyRefused {
        String two = CALLERS.replace("sa/web]", "sa/web, example.org/ns/shop/sa/guest]");

        Flip flip = flips(allow(two), request("guest", "GET", "/orders/42")).getFirst();

        assertThat(flip.describe())
                .isEqualTo(
                        "remove example.org/ns/shop/sa/guest from source.principals in rule 0 of"
                                + " shop/callers");
        assertThat(flip.after().allowed()).isFalse();
    }

    @Test
    void anOnlyNameIsNotTakenOutSinceAnEmptyListHoldsNobodyBack() throws PolicyRefused {
        assertThat(descriptions(allow(CALLERS), request("web", "GET", "/orders/42")))
                .allSatisfy(one -> assertThat(one).doesNotStartWith("remove example.org"))
                .anySatisfy(one -> assertThat(one).isEqualTo("remove rule 0 of shop/callers"))
                .anySatisfy(one -> assertThat(one).startsWith("add a DENY policy in shop for"));
    }

    @Test
    void underIstiosDefaultADenyIsTheWayToDeny() throws PolicyRefused {
        MeshSettings open = MeshSettings.istio("istio-system", "example.org");
        PolicySet set = PolicySet.of(1, open, List.of(), CLOCK);

        assertThat(open.compatibility()).isEqualTo(Compatibility.ISTIO);
        assertThat(open.defaultAction()).isEqualTo(DefaultAction.ALLOW);
        assertThat(Flips.of(set, ORDERS, request("web", "GET", "/x"), CLOCK))
                .singleElement()
                .satisfies(flip -> assertThat(flip.describe()).startsWith("add a DENY policy"));
    }

    private static List<String> descriptions(String yaml, Request request) throws PolicyRefused {
        return flips(yaml, request).stream().map(Flip::describe).toList();
    }

    private static List<Flip> flips(String yaml, Request request) throws PolicyRefused {
        var policies =
                PolicyParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8)).policies();
        return Flips.of(PolicySet.of(1, MESH, policies, CLOCK), ORDERS, request, CLOCK);
    }

    private static String allow(String rules) {
        return policy("callers", "ALLOW", rules);
    }

    private static String policy(String name, String action, String rules) {
        return """
        apiVersion: countersign.dev/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: shop}
        spec:
          action: %s
          %s
        """
                .formatted(name, action, rules.strip().replace("\n", "\n  "));
    }

    private static Request request(String account, String method, String path) {
        return builder(account, method, path).build();
    }

    private static Request.Builder builder(String account, String method, String path) {
        return Request.http()
                .sourcePrincipal("example.org/ns/shop/sa/" + account)
                .sourceIp(IpAddress.parse("10.0.0.7"))
                .port(8080)
                .method(method)
                .path(path);
    }
}
