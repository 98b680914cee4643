package dev.countersign.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyParserTest {

    private static final String HEAD =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: p, namespace: shop}
            """;
    private static final String GOOD =
            HEAD
                    + """
                    spec:
                      rules:
                      - from:
                        - source: {principals: [td/ns/shop/sa/web]}
                    """;

    @Test
    void readsSeveralDocumentsOfBothGroups() throws PolicyRefused {
        String istio =
                GOOD.replace("countersign.dev/v1", "security.istio.io/v1beta1")
                        .replace(
                                "metadata: {",
                                "metadata: {annotations: {istio.io/dry-run: 'true'}, ");

        ParsedPolicies parsed = parse("---\n" + GOOD + "---\n---\n" + istio + "...\n");

        assertThat(parsed.policies())
                .extracting(AuthorizationPolicy::group)
                .containsExactly(ApiGroup.COUNTERSIGN, ApiGroup.ISTIO);
        assertThat(parsed.policies().getLast().mode()).isEqualTo(PolicyMode.DRY_RUN);
        assertThat(parsed.warnings()).isEmpty();
    }

    @Test
    void readsJsonAndWhatTheApiServerAdds() throws PolicyRefused {
        ParsedPolicies parsed =
                parse(
                        """
                        {"apiVersion": "countersign.dev/v1", "kind": "AuthorizationPolicy",
                        \t"metadata": {"name": "p", "namespace": "shop", "uid": "1", "generation": 3,
                                      "managedFields": [{"manager": "kubectl"}]},
                         "spec": {"action": "DENY", "mode": "DryRun", "rules": [{}],
                                  "validUntil": "2026-03-01T11:15:02.5+01:00"},
                         "status": {"conditions": []}}
                        """);

        AuthorizationPolicy policy = parsed.policies().getFirst();
        assertThat(policy.action()).isEqualTo(Action.DENY);
        assertThat(policy.mode()).isEqualTo(PolicyMode.DRY_RUN);
        assertThat(policy.validUntil()).isEqualTo(Instant.parse("2026-03-01T10:15:02Z"));
    }

    @Test
    void jsonIsReadAsStrictlyAsYaml() {
        assertThat(problems("{\"kind\": \"AuthorizationPolicy\",\n\t\"kind\": \"x\\u202e\"}"))
                .extracting(Problem::code, Problem::line)
                .contains(
                        tuple(Problem.Code.DUPLICATE_KEY, 2),
                        tuple(Problem.Code.FORBIDDEN_CHARACTER, 2));
        assertThat(problems("{".repeat(5) + "\"a\":" + "[".repeat(100_000)))
                .extracting(Problem::code)
                .isNotEmpty();
        assertThat(problems("{\"a\": 1} trailing"))
                .extracting(Problem::code)
                .contains(Problem.Code.SYNTAX);
    }

    @Test
    void aFileWithoutDocumentsHoldsNoPolicies() throws PolicyRefused {
        assertThat(parse("").policies()).isEmpty();
        assertThat(parse("# nothing yet\n---\n").policies()).isEmpty();
    }

    @Test
    void collectsEveryProblemWithLineAndPath() {
        List<Problem> problems =
                problems(
                        HEAD
                                + """
                                spec:
                                  acton: DENY
                                  rules:
                                  - from:
                                    - source:
                                        principles: [a]
                                        ipBlocks: [10.0.0.1, nowhere]
                                    to:
                                    - operation:
                                        ports: [80, '99999']
                                    when:
                                    - {key: 'request.header[x]', values: [a]}
                                """);

        assertThat(problems)
                .extracting(Problem::line, Problem::path, Problem::code, Problem::expected)
                .contains(
                        tuple(5, "spec.acton", Problem.Code.UNKNOWN_FIELD, "did you mean action?"),
                        tuple(
                                9,
                                "spec.rules[0].from[0].source.principles",
                                Problem.Code.UNKNOWN_FIELD,
                                "did you mean principals?"),
                        tuple(
                                10,
                                "spec.rules[0].from[0].source.ipBlocks[1]",
                                Problem.Code.INVALID_VALUE,
                                "an IP address or a CIDR block"),
                        tuple(
                                13,
                                "spec.rules[0].to[0].operation.ports[0]",
                                Problem.Code.WRONG_TYPE,
                                "a string; put it in quotes"),
                        tuple(
                                15,
                                "spec.rules[0].when[0].key",
                                Problem.Code.INVALID_VALUE,
                                "did you mean request.headers[name]?"));
    }

    @Test
    void aProblemReadsAsOneLine() {
        assertThat(problems(GOOD.replace("[td/ns/shop/sa/web]", "[a, '']")))
                .singleElement()
                .hasToString(
                        "test.yaml:7: spec.rules[0].from[0].source.principals[1]: an empty string"
                                + " (expected: a value) [EMPTY]");
    }

    @Test
    void anExpressionIsCheckedWhereItIsAdmitted() throws PolicyRefused {
        ParsedPolicies parsed =
                parse(HEAD + "spec: {rules: [{expression: 'request.path == \"/a\"'}]}");

        assertThat(parsed.policies().getFirst().rules().getFirst().checked()).isNotNull();
        assertThat(problems(HEAD + "spec: {rules: [{expression: 'request.pth == \"/a\"'}]}"))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.code()).isEqualTo(Problem.Code.EXPRESSION_INVALID);
                    assertThat(one.path()).isEqualTo("spec.rules[0].expression");
                    assertThat(one.expected())
                            .contains("1:1: no variable request.pth")
                            .contains("did you mean request.path?");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode: DryRun",
                "validUntil: '2026-03-01T10:15:02Z'",
                "rules: [{expression: 'true'}]"
            })
    void ourFieldsAreUnknownInIstiosGroup(String field) {
        String istio =
                HEAD.replace("countersign.dev", "security.istio.io") + "spec: {" + field + "}";

        assertThat(problems(istio))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.code()).isEqualTo(Problem.Code.UNKNOWN_FIELD);
                    assertThat(one.expected()).contains("countersign.dev/v1 only");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "PeerAuthentications, KIND_UNKNOWN, did you mean PeerAuthentication?",
        "AuthorisationPolicy, KIND_UNKNOWN, did you mean AuthorizationPolicy?",
        "Deployment, KIND_UNKNOWN, AuthorizationPolicy"
    })
    void otherKindsAreRefusedByName(String kind, Problem.Code code, String expected) {
        assertThat(problems(GOOD.replace("kind: AuthorizationPolicy", "kind: " + kind)))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.code()).isEqualTo(code);
                    assertThat(one.value()).isEqualTo(kind);
                    assertThat(one.expected()).contains(expected);
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rules: [{}, {}]\\n  rules: []|DUPLICATE_KEY",
                "rules: &a [{}]|ALIAS_FORBIDDEN",
                "rules: *a|ALIAS_FORBIDDEN",
                "rules: !!set {a}|TAG_FORBIDDEN",
                "rules: !ours [{}]|TAG_FORBIDDEN",
                "action: !!binary QUxMT1c=|TAG_FORBIDDEN",
                "\"<<\": {action: DENY}|WRONG_TYPE",
                "<<: {action: DENY}|WRONG_TYPE",
                "true: x|WRONG_TYPE",
                "[a]: x|WRONG_TYPE",
                "rules: {}|WRONG_TYPE",
                "rules: [[]]|WRONG_TYPE",
                "rules: ALLOW|WRONG_TYPE",
                "action: true|WRONG_TYPE",
                "action: allow|INVALID_VALUE",
                "mode: dryrun|INVALID_VALUE",
                "validUntil: tomorrow|INVALID_VALUE",
                "validUntil: '2026-03-01T10:15:02'|INVALID_VALUE",
                "rules: [{from: []}]|EMPTY",
                "rules: [{to: []}]|EMPTY",
                "rules: [{from: [{source: {principals: []}}]}]|EMPTY",
                "action: AUDIT\\n  provider: {name: x}|NOT_WITH_THIS_ACTION",
                "action: DENY|MISSING",
                "action: CUSTOM\\n  provider: {name: x}|MISSING",
                "selector: {matchLabels: {a: b}}\\n  targetRef: {kind: Service, name: x}|CONFLICT",
                "targetRefs: [{kind: Service, name: x}]\\n"
                        + "  targetRef: {kind: Service, name: x}|CONFLICT",
                "rules: [{to: [{operation: {paths: [\"/a\\0\"]}}]}]|FORBIDDEN_CHARACTER",
                "rules: [{to: [{operation: {paths: [\"/a\\u202e\"]}}]}]|FORBIDDEN_CHARACTER",
                "rules: [{to: [{operation: {paths: [\"/a\\u200b\"]}}]}]|FORBIDDEN_CHARACTER",
                "rules: [|SYNTAX",
                "rules:"
                        + " [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]|TOO_DEEP"
            })
    void refuses(String spec, Problem.Code code) {
        List<Problem> problems = problems(HEAD + "spec:\n  " + spec.replace("\\n", "\n") + "\n");

        assertThat(problems).extracting(Problem::code).contains(code);
        assertThat(problems).allSatisfy(one -> assertThat(one.line()).isPositive());
    }

    @ParameterizedTest
    @CsvSource({
        "shop, Orders, metadata.name",
        "shop, -orders, metadata.name",
        "Shop, orders, metadata.namespace",
        "shop.eu, orders, metadata.namespace",
        "'', orders, metadata.namespace",
        "shop, '', metadata.name"
    })
    void refusesNamesThatKubernetesWould(String namespace, String name, String path) {
        String yaml =
                GOOD.replace(
                        "name: p, namespace: shop",
                        "name: '" + name + "', namespace: '" + namespace + "'");

        assertThat(problems(yaml)).singleElement().extracting(Problem::path).isEqualTo(path);
    }

    @Test
    void refusesTheSamePolicyTwiceInAFile() {
        assertThat(problems(GOOD + "---\n" + GOOD))
                .singleElement()
                .extracting(Problem::code)
                .isEqualTo(Problem.Code.DUPLICATE_POLICY);
    }

    @Test
    void refusesBytesThatAreNoText() {
        byte[] bad = (GOOD + "# ").getBytes(StandardCharsets.UTF_8);
        bad[bad.length - 1] = (byte) 0xc0;

        assertThat(problems(bad))
                .singleElement()
                .extracting(Problem::code)
                .isEqualTo(Problem.Code.NOT_UTF8);
        assertThat(problems(GOOD + "# \u0000"))
                .extracting(Problem::code)
                .containsOnly(Problem.Code.FORBIDDEN_CHARACTER);
        assertThat(problems(GOOD + "# \u202e")).extracting(Problem::value).containsOnly("U+202E");
        assertThat(problems(GOOD + "# \u2066")).extracting(Problem::line).containsOnly(8);
    }

    @Test
    void acceptsAByteOrderMarkAndRefusesOneFurtherOn() throws PolicyRefused {
        assertThat(parse("\ufeff" + GOOD).policies()).hasSize(1);
        assertThat(problems(GOOD + "# \ufeff")).hasSize(1);
    }

    @Test
    void refusesALargeFileBeforeReadingIt() {
        assertThat(problems(new byte[(1 << 20) + 1]))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.code()).isEqualTo(Problem.Code.FILE_TOO_LARGE);
                    assertThat(one.value()).isEqualTo("1048577 bytes");
                });
    }

    @Test
    void aMegabyteOfProblemsGivesAListThatAPersonCanUse() {
        StringBuilder yaml = new StringBuilder(HEAD + "spec:\n");
        for (int i = 0; i < 60_000; i++) {
            yaml.append("  x").append(i).append(": 1\n");
        }

        List<Problem> problems = problems(yaml.toString());

        assertThat(problems).hasSize(101);
        assertThat(problems.getLast().value()).isEqualTo("59900 more problems");
    }

    @Test
    void aValueInAMessageIsShortAndHarmless() {
        String long_ = "x".repeat(5000);

        assertThat(problems(HEAD + "spec: {action: \"" + long_ + "\\e[31m\"}"))
                .anySatisfy(one -> assertThat(one.value()).hasSizeLessThan(90));
        assertThat(problems(HEAD + "spec: {\"a\\e[31m\": 1}"))
                .allSatisfy(one -> assertThat(one.toString()).doesNotContain("\u001b"));
    }

    @Test
    void limitsAreThoseOfTheResourceDefinition() {
        String rules = "- {}\n  ".repeat(513);
        String accounts = "ns/a, ".repeat(17);

        assertThat(problems(HEAD + "spec:\n  rules:\n  " + rules))
                .singleElement()
                .extracting(Problem::code)
                .isEqualTo(Problem.Code.LIMIT);
        assertThat(
                        problems(
                                HEAD
                                        + "spec: {rules: [{from: [{source: {serviceAccounts: ["
                                        + accounts
                                        + "]}}]}]}"))
                .singleElement()
                .extracting(Problem::code)
                .isEqualTo(Problem.Code.LIMIT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rules: [{to: [{operation: {methods: [GET]}}]}]|DENY_WIDENED_ON_TCP",
                "rules: [{from: [{source: {requestPrincipals: [a/b]}}]}]|DENY_WIDENED_ON_TCP",
                "rules: [{from: [{source: {namespaces: [a]}}], to: [{operation: {paths:"
                        + " [/a]}}]}]|DENY_WIDENED_ON_TCP",
                "rules: [{from: [{source: {namespaces: [a]}}]}]|",
                "rules: [{to: [{operation: {methods: [GET], ports: ['80']}}]}]|",
                "rules: [{when: [{key: 'request.headers[a]', values: [b]}]}]|",
                "rules: [{}]|"
            })
    void warnsOfADenyThatWidensOnTcp(String rules, String code) throws PolicyRefused {
        ParsedPolicies parsed = parse(HEAD + "spec:\n  action: DENY\n  " + rules);

        if (code == null) {
            assertThat(parsed.warnings()).isEmpty();
        } else {
            assertThat(parsed.warnings()).extracting(Notice::code).containsExactly(code);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from: [{source: {principals: ['spiffe://td/ns/a/sa/b']}}]|PRINCIPAL_WITH_SCHEME",
                "from: [{source: {notPrincipals: [a]}}]|NEGATIVE_MATCH_WITHOUT_ATTRIBUTE",
                "from: [{source: {requestPrincipals: ['*/*']}}]|LITERAL_STAR",
                "to: [{operation: {paths: [/service/*health]}}]|LITERAL_STAR",
                "to: [{operation: {paths: ['*a*']}}]|LITERAL_STAR",
                "to: [{operation: {paths: [admin]}}]|PATH_NOT_ABSOLUTE",
                "when: [{key: 'request.headers[a]', notValues:"
                        + " [b]}]|NEGATIVE_MATCH_WITHOUT_ATTRIBUTE",
                "to: [{operation: {paths: ['*.jpg']}}]|SUFFIX_PATH",
                "to: [{operation: {hosts: [a.example]}}]|HOST_WITHOUT_PORT",
                "to: [{operation: {methods: [GET]}}]|ALLOW_DROPPED_ON_TCP",
                "when: [{key: 'request.headers[a]', values: [b]}]|ALLOW_DROPPED_ON_TCP"
            })
    void hintsAtTheTrapsOfIstiosGroup(String rule, String code) throws PolicyRefused {
        ParsedPolicies parsed =
                parse(
                        HEAD.replace("countersign.dev", "security.istio.io")
                                + "spec:\n  rules:\n  - "
                                + rule);

        assertThat(parsed.hints()).extracting(Notice::code).contains(code);
        assertThat(parsed.hints())
                .allSatisfy(one -> {
                    assertThat(one.line()).isPositive();
                    assertThat(one.path()).startsWith("spec.rules[0]");
                });
        assertThat(parsed.warnings()).isEmpty();
    }

    @Test
    void whatIsWrittenWellIsHintedAtByNothing() throws PolicyRefused {
        ParsedPolicies parsed =
                parse(
                        HEAD
                                + "spec: {rules: [{from: [{source: {principals: [td/ns/a/sa/b]}}],"
                                + " to: [{operation: {ports: ['80'], hosts: ['a.example:*'], paths:"
                                + " ['/a/*', '*']}}]}]}");

        assertThat(parsed.hints()).isEmpty();
        assertThat(parsed.warnings()).isEmpty();
    }

    @Test
    void aHintHasTheValueThatItIsAbout() throws PolicyRefused {
        ParsedPolicies parsed =
                parse(HEAD + "spec: {rules: [{to: [{operation: {ports: ['80'], hosts: [a.b]}}]}]}");

        assertThat(parsed.hints())
                .singleElement()
                .hasToString(
                        "test.yaml:4: spec.rules[0].to[0].operation.hosts[0]: a.b: does not match"
                                + " the same host with a port: add a.b:* [HOST_WITHOUT_PORT]");
    }

    @Test
    void policiesForNobodyAreFoundWhereTheWorkloadsAreKnown() throws PolicyRefused {
        PolicySet set =
                PolicySet.of(
                        1,
                        MeshSettings.countersign("root", "td"),
                        parse(HEAD + "spec: {selector: {matchLabels: {app: web}}}").policies());

        assertThat(Selections.ofNobody(set, List.of(new Workload("shop", "x", Map.of()))))
                .hasSize(1);
        assertThat(
                        Selections.ofNobody(
                                set, List.of(new Workload("shop", "x", Map.of("app", "web")))))
                .isEmpty();
    }

    @Test
    void aConditionOfCustomMayNotNeedAnIdentity() {
        String custom =
                HEAD
                        + "spec: {action: CUSTOM, provider: {name: x}, rules: [{when: [{key: %s,"
                        + " values: [a]}]}]}";

        for (String key :
                List.of(
                        "source.serviceAccount",
                        "source.trustDomain",
                        "request.auth.presenter",
                        "'request.auth.claims[a]'")) {
            assertThat(problems(custom.formatted(key)))
                    .as(key)
                    .extracting(Problem::code)
                    .contains(Problem.Code.NOT_WITH_THIS_ACTION);
        }
    }

    private static ParsedPolicies parse(String yaml) throws PolicyRefused {
        return PolicyParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Problem> problems(String yaml) {
        return problems(yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Problem> problems(byte[] content) {
        PolicyRefused refused =
                catchThrowableOfType(
                        PolicyRefused.class, () -> PolicyParser.parse("test.yaml", content));
        return Objects.requireNonNull(refused, "accepted").problems();
    }
}
