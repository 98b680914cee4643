package dev.countersign.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody sends who wants the server to choke, or a reviewer to see something else. */
class HostileInputTest {
    private static final String HEAD =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: p, namespace: shop}
            """;

    @Test
    void aPolicyOfOneMegabyteIsReadAndOneByteMoreIsNot() throws PolicyRefused {
        String head = HEAD + "spec: {rules: [{to: [{operation: {ports: ['80'], paths: [/a]}}]}]}\n";
        String full = head + "#" + "x".repeat((1 << 20) - head.length() - 1);

        assertThat(parse(full).policies()).hasSize(1);
        assertThat(codes(full + "x")).containsExactly(Problem.Code.FILE_TOO_LARGE);
    }

    @Test
    void aMegabyteOfValuesIsReadAndDecides() throws PolicyRefused {
        String paths =
                IntStream.range(0, 60_000)
                        .mapToObj(i -> "/p" + i + "*")
                        .collect(Collectors.joining(","));
        PolicySet set =
                PolicySet.of(
                        1,
                        MeshSettings.countersign("root", "td"),
                        parse(
                                        HEAD
                                                + "spec: {rules: [{to: [{operation: {paths: ["
                                                + paths
                                                + "]}}]}]}")
                                .policies());

        assertThat(set.decide(new Workload("shop", "x", Map.of()), get("/p59999/x")).allowed())
                .isTrue();
        assertThat(set.decide(new Workload("shop", "x", Map.of()), get("/q")).allowed()).isFalse();
    }

    /** 512 is the most in one policy: 20 files of them, each value as long as it may be. */
    @Test
    void tenThousandRulesOfTheMaximumSizeAreReadAndDecide() throws PolicyRefused {
        String account = "n".repeat(63) + "/" + "a".repeat(253);
        String accounts =
                IntStream.range(0, 5).mapToObj(i -> account + i).collect(Collectors.joining(","));
        String rule = "{from: [{source: {serviceAccounts: [" + accounts + "]}}]}";
        String rules = String.join(",", java.util.Collections.nCopies(512, rule));
        List<dev.countersign.policy.AuthorizationPolicy> policies = new java.util.ArrayList<>();
        for (int i = 0; i < 20; i++) {
            policies.addAll(
                    parse(
                                    HEAD.replace("name: p,", "name: p" + i + ",")
                                            + "spec: {rules: ["
                                            + rules
                                            + "]}")
                            .policies());
        }
        PolicySet set = PolicySet.of(1, MeshSettings.countersign("root", "td"), policies);

        assertThat(policies).hasSize(20);
        assertThat(set.decide(new Workload("shop", "x", Map.of()), get("/")).allowed()).isFalse();
        assertThat(codes(HEAD + "spec: {rules: [" + rules + ",{}]}")).contains(Problem.Code.LIMIT);
    }

    @Test
    void bombsOfAliasesAreRefusedWhereTheFirstStands() {
        String bomb =
                HEAD
                        + """
                        spec:
                          a: &a [x, x, x, x, x, x, x, x, x]
                          b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
                          c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
                        """;

        assertThat(codes(bomb)).contains(Problem.Code.ALIAS_FORBIDDEN);
        assertThat(codes(HEAD + "spec: {<<: {rules: []}}")).isNotEmpty();
        assertThat(codes(HEAD + "spec: " + "[".repeat(100_000))).isNotEmpty();
        assertThat(codes(HEAD + "spec: " + "{a: ".repeat(5_000))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spec: {action: ALLOW, action: DENY}",
                "spec: {rules: [{to: [{operation: {paths: [/a], paths: [/b]}}]}]}",
                "kind: AuthorizationPolicy"
            })
    void aKeyThatStandsTwiceIsRefused(String more) {
        assertThat(codes(HEAD + more)).contains(Problem.Code.DUPLICATE_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\u202e", "\u2066", "\u200b", "\u0007", "\u00ad", "\ufeff"})
    void whatAReviewerCannotSeeIsRefusedWrittenOrEscaped(String hidden) {
        String escaped = String.format("\\u%04x", (int) hidden.charAt(0));

        assertThat(
                        codes(
                                HEAD
                                        + "spec: {rules: [{to: [{operation: {paths: ['/a"
                                        + hidden
                                        + "']}}]}]}"))
                .contains(Problem.Code.FORBIDDEN_CHARACTER);
        assertThat(
                        codes(
                                HEAD
                                        + "spec: {rules: [{to: [{operation: {paths: [\"/a"
                                        + escaped
                                        + "\"]}}]}]}"))
                .contains(Problem.Code.FORBIDDEN_CHARACTER);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        for (String charset : List.of("ISO-8859-1", "UTF-16", "UTF-32")) {
            byte[] bytes = (HEAD + "# é").getBytes(java.nio.charset.Charset.forName(charset));
            assertThat(problems(bytes)).isNotEmpty();
        }
        assertThat(problems(new byte[] {(byte) 0xc0, (byte) 0xaf}))
                .extracting(Problem::code)
                .containsExactly(Problem.Code.NOT_UTF8);
    }

    /** They are texts with a star at an end, and linear: no engine of expressions sees them. */
    @Test
    void wildcardsThatLookLikeExpressionsAreTextsAndCostNothing() throws PolicyRefused {
        String hostile = "(a+)+$|.*.*.*.*(x+x+)+y*";
        PolicySet set =
                PolicySet.of(
                        1,
                        MeshSettings.countersign("root", "td"),
                        parse(
                                        HEAD
                                                + "spec: {rules: [{to: [{operation: {paths: ['/"
                                                + hostile
                                                + "']}}]}]}")
                                .policies());
        Workload workload = new Workload("shop", "x", Map.of());

        assertThat(set.decide(workload, get("/" + "a".repeat(100_000))).allowed()).isFalse();
        assertThat(
                        set.decide(workload, get("/(a+)+$|.*.*.*.*(x+x+)+y" + "z".repeat(100_000)))
                                .allowed())
                .isTrue();
    }

    private static Request get(String path) {
        return Request.http().port(80).method("GET").host("h").path(path).build();
    }

    private static ParsedPolicies parse(String yaml) throws PolicyRefused {
        return PolicyParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Problem.Code> codes(String yaml) {
        return problems(yaml.getBytes(StandardCharsets.UTF_8)).stream().map(Problem::code).toList();
    }

    private static List<Problem> problems(byte[] content) {
        PolicyRefused refused =
                catchThrowableOfType(
                        PolicyRefused.class, () -> PolicyParser.parse("test.yaml", content));
        return Objects.requireNonNull(refused, "accepted").problems();
    }
}
