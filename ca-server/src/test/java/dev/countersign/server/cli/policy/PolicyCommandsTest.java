package dev.countersign.server.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PolicyCommandsTest {

    private static final String GOOD =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: orders-callers, namespace: shop}
            spec:
              rules:
              - from:
                - source: {principals: [mesh.example/ns/shop/sa/web]}
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

    @ParameterizedTest
    @CsvSource({"authorization, 252", "path-normalization, 176", "policy-validation, 65"})
    void theWholeTablePasses(String name, int rows) throws IOException {
        Path table = directory.resolve(name + ".json");
        Files.write(table, cases(name));

        int code = run(new PolicyTestCommand(), table.toString());

        assertThat(out.toString()).isEqualTo(rows + " passed, 0 failed\n");
        assertThat(code).isZero();
    }

    @Test
    void everyRowOfTheAdmissionTableComesOutOfValidateAsItSays() throws IOException {
        JsonNode rows = new ObjectMapper().readTree(cases("policy-validation"));
        Path file = directory.resolve("policy.yaml");
        for (JsonNode row : rows) {
            Files.writeString(file, row.get("policy").asText());
            out.getBuffer().setLength(0);

            int code = run(new PolicyValidateCommand(), "-o", "json", file.toString());

            JsonNode document = new ObjectMapper().readTree(out.toString());
            assertThat(code)
                    .as(row.get("name").asText())
                    .isEqualTo(row.get("valid").asBoolean() ? 0 : 1);
            assertThat(document.get("errors").isEmpty()).isEqualTo(row.get("valid").asBoolean());
            assertThat(!document.get("warnings").isEmpty())
                    .as(row.get("name").asText())
                    .isEqualTo(row.get("warning").asBoolean());
        }
        assertThat(rows).hasSize(65);
    }

    @ParameterizedTest
    @CsvSource({"path-normalization, out", "policy-validation, valid"})
    void aWrongRowOfAnyTableFails(String name, String column) throws IOException {
        JsonNode rows = new ObjectMapper().readTree(cases(name));
        ObjectNode first = (ObjectNode) rows.get(0);
        if (column.equals("out")) {
            first.put(column, "/elsewhere");
        } else {
            first.put(column, !first.get(column).asBoolean());
        }
        Path table = directory.resolve("wrong.json");
        Files.writeString(table, rows.toString());

        assertThat(run(new PolicyTestCommand(), table.toString())).isOne();
        assertThat(out.toString()).contains("FAILED  #0  ").endsWith(" passed, 1 failed\n");
    }

    @Test
    void aTestFileNamesPoliciesWorkloadsAndWhoDecides() throws IOException {
        Files.writeString(directory.resolve("orders.yaml"), GOOD);
        Path tests = directory.resolve("orders-test.yaml");
        Files.writeString(
                tests,
                """
                apiVersion: countersign.dev/v1
                kind: PolicyTest
                mesh: {trustDomain: mesh.example}
                policies:
                - orders.yaml
                - |
                  apiVersion: countersign.dev/v1
                  kind: AuthorizationPolicy
                  metadata: {name: no-admin, namespace: shop}
                  spec:
                    action: DENY
                    rules: [{to: [{operation: {paths: [/admin/*], ports: ["8080"]}}]}]
                workloads:
                  orders: {namespace: shop, serviceAccount: orders, labels: {app: orders}}
                tests:
                - {name: web reads, from: shop/web, to: orders, port: 8080,
                   request: GET /orders/42, expect: allow}
                - {name: nobody else, from: shop/guest, to: orders, port: 8080,
                   request: GET /orders/42, expect: {decision: deny, reason: no_allow_rule_matched}}
                - {name: admin is closed, from: shop/web, to: orders, port: 8080,
                   request: GET /x/../admin/a,
                   expect: {decision: deny, policy: shop/no-admin, rule: 0}}
                - {name: plaintext, from: nobody, to: shop/orders, protocol: tcp, expect: deny}
                """);
        Path junit = directory.resolve("junit.xml");

        int code = run(new PolicyTestCommand(), "--junit", junit.toString(), tests.toString());

        assertThat(out.toString()).isEqualTo("4 passed, 0 failed\n");
        assertThat(code).isZero();
        assertThat(junit).content().contains("tests=\"4\" failures=\"0\"");
    }

    @Test
    void anotherRuleThanExpectedIsAFailureInTextAndXml() throws IOException {
        Files.writeString(directory.resolve("orders.yaml"), GOOD);
        Path tests = directory.resolve("t.yaml");
        Files.writeString(
                tests,
                """
                apiVersion: countersign.dev/v1
                kind: PolicyTest
                mesh: {trustDomain: mesh.example}
                policies: [orders.yaml]
                tests:
                - {name: "<web>", from: shop/web, to: shop/orders, request: GET /,
                   expect: {decision: allow, policy: shop/other}}
                """);
        Path junit = directory.resolve("junit.xml");

        int code = run(new PolicyTestCommand(), "--junit", junit.toString(), tests.toString());

        assertThat(code).isOne();
        assertThat(out.toString())
                .contains("  expected  allow by shop/other\n")
                .contains("  got       allow (ALLOW_RULE_MATCHED by shop/orders-callers rule 0)\n");
        assertThat(junit)
                .content()
                .contains("failures=\"1\"")
                .contains("name=\"#0 &lt;web&gt;\"")
                .contains("message=\"expected allow by shop/other\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    polices: []          | polices: unknown (expected: did you mean policies?)
                    policies: [gone.yaml] | policies: .*gone.yaml: no such file
                    tests: [{to: a/b}]   | tests\\[0].from: nothing
                    tests: [{from: nobody, to: x, expect: allow}] | tests\\[0].to: x .*one of workloads
                    tests: [{from: nobody, to: a/b, expect: perhaps}] | expect: perhaps .*allow, deny
                    tests: [{from: nobody, to: a/b, expect: deny, port: 70000}] | port: 70000 .*0 to 65535
                    tests: [{from: nobody, to: a/b, expect: deny, request: GET}] | request: GET .*such as
                    tests: [{from: nobody, to: a/b, expect: deny, sourceIp: x}] | sourceIp: x
                    mesh: {trustdomain: x} | mesh.trustdomain: unknown .*trustDomain
                    tests: &a [*a]       | ALIAS_FORBIDDEN
                    """)
    void aBrokenTestFileIsAUsageErrorThatNamesTheField(String line, String message)
            throws IOException {
        Path tests = directory.resolve("t.yaml");
        Files.writeString(
                tests, "apiVersion: countersign.dev/v1\nkind: PolicyTest\n" + line + "\n");

        int code = run(new PolicyTestCommand(), tests.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .startsWith(tests + ": ")
                .containsPattern(message.replace("(", "\\(").replace("?)", "\\?\\)"))
                .doesNotContain("Exception");
    }

    @Test
    void aPolicyThatTheServerWouldRefuseFailsItsTests() throws IOException {
        Files.writeString(directory.resolve("bad.yaml"), GOOD.replace("principals", "principles"));
        Path tests = directory.resolve("t.yaml");
        Files.writeString(
                tests,
                """
                apiVersion: countersign.dev/v1
                kind: PolicyTest
                policies: [bad.yaml]
                tests: [{from: nobody, to: shop/orders, expect: deny}]
                """);

        assertThat(run(new PolicyTestCommand(), tests.toString())).isOne();
        assertThat(out.toString()).contains("policies refused: ").contains("bad.yaml:7");
    }

    @Test
    void yamlHoldsTheSameFactsAsJson() throws IOException {
        Files.writeString(directory.resolve("orders.yaml"), GOOD);

        run(new PolicyValidateCommand(), "-o", "yaml", directory.toString());

        assertThat(out.toString())
                .isEqualTo("files: 1\npolicies: 1\nerrors: []\nwarnings: []\nhints: []\n");
    }

    @Test
    void aFailingCaseIsPrintedWithExpectedAndGot() throws IOException {
        JsonNode rows = new ObjectMapper().readTree(cases("authorization"));
        ((ObjectNode) rows.get(0)).put("expected", "deny");
        Path table = directory.resolve("wrong.json");
        Files.writeString(table, rows.toString());

        int code = run(new PolicyTestCommand(), table.toString());

        assertThat(code).isOne();
        assertThat(out.toString())
                .contains("FAILED  istio-001  principal-allowed-http-path-allow")
                .contains("  expected  deny\n")
                .contains("  got       allow (ALLOW_RULE_MATCHED by ns1/p rule 0)\n")
                .endsWith("251 passed, 1 failed\n");
    }

    @Test
    void jsonHoldsTheSameFacts() throws IOException {
        Path table = directory.resolve("wrong.json");
        Files.writeString(
                table,
                """
                [{"id": "a", "request": {"port": 80}, "expected": "deny"},
                 {"id": "b", "request": {"port": 80}, "expected": "allow", "note": "by default"}]
                """);

        int code = run(new PolicyTestCommand(), "--output", "json", table.toString());

        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(code).isOne();
        assertThat(document.get("passed").asInt()).isOne();
        assertThat(document.at("/failures/0/id").asText()).isEqualTo("a");
        assertThat(document.at("/failures/0/got").asText()).isEqualTo("allow (ALLOWED_BY_DEFAULT)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "{}",
                "[]",
                "[1]",
                "[{\"request\": {\"port\": 80}}]",
                "[{\"request\": {\"port\": 99999}, \"expected\": \"deny\"}]",
                "[{\"expected\": \"deny\"}]",
                "[{\"request\": {\"port\": 80, \"protocol\": \"udp\"}, \"expected\": \"deny\"}]",
                "[{\"request\": {\"port\": 80, \"source_ip\": \"x\"}, \"expected\": \"deny\"}]",
                "[{\"id\": 1, \"id\": 2, \"request\": {\"port\": 80}, \"expected\": \"deny\"}]"
            })
    void aBrokenTableIsAUsageError(String content) throws IOException {
        Path table = directory.resolve("broken.json");
        Files.writeString(table, content);

        int code = run(new PolicyTestCommand(), table.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).startsWith(table + ": ").doesNotContain("Exception");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void whatATableLeavesOutTakesIstiosValue() throws IOException {
        Path table = directory.resolve("sparse.json");
        Files.writeString(
                table,
                """
                {"cases": [
                 {"request": {}, "expected": "allow"},
                 {"id": null, "name": null, "policies": null, "workload": null, "mesh": null,
                  "dataplane": null, "quirk": null, "note": null, "ext_authz_results": null,
                  "space_delimited_claims": null, "expected": "ALLOW",
                  "request": {"protocol": null, "port": "80", "headers": null, "path": null,
                              "jwt_claims": null, "source_ip": null, "something_else": 1}},
                 {"policies": [{"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
                                "metadata": {"name": "p", "namespace": "default"}, "spec": {}}],
                  "request": {"port": 80}, "expected": "deny"}]}
                """);

        assertThat(run(new PolicyTestCommand(), table.toString())).isZero();
        assertThat(out.toString()).isEqualTo("3 passed, 0 failed\n");
    }

    @Test
    void aMissingTableIsAUsageError() {
        Path missing = directory.resolve("missing.json");

        assertThat(run(new PolicyTestCommand(), missing.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualTo(missing + ": no such file\n");
    }

    @Test
    void aCaseWhosePolicyCannotBeReadFails() throws IOException {
        Path table = directory.resolve("unreadable.json");
        Files.writeString(
                table,
                """
                [{"id": "a", "policies": ["kind: ["], "request": {"port": 80}, "expected": "deny"}]
                """);

        assertThat(run(new PolicyTestCommand(), table.toString())).isOne();
        assertThat(out.toString()).contains("policies refused: ").endsWith("0 passed, 1 failed\n");
    }

    @Test
    void aDirectoryOfGoodPoliciesIsAccepted() throws IOException {
        Files.writeString(directory.resolve("orders.yaml"), GOOD);

        int code = run(new PolicyValidateCommand(), directory.toString());

        assertThat(out.toString())
                .isEqualTo("1 policy accepted in 1 file, 0 errors, 0 warnings, 0 hints\n");
        assertThat(code).isZero();
    }

    @Test
    void everyProblemIsNamedWithItsLine() throws IOException {
        Path file = directory.resolve("bad.yaml");
        Files.writeString(
                file, GOOD.replace("principals", "principles").replace("spec:", "specs:"));

        int code = run(new PolicyValidateCommand(), file.toString());

        assertThat(code).isOne();
        assertThat(out.toString())
                .contains("error    " + file + ":4: specs: specs (expected: did you mean spec?)");
    }

    @Test
    void theSamePolicyInTwoFilesIsRefused() throws IOException {
        Files.writeString(directory.resolve("a.yaml"), GOOD);
        Files.writeString(directory.resolve("b.yaml"), GOOD);

        int code = run(new PolicyValidateCommand(), "-o", "json", directory.toString());

        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(code).isOne();
        assertThat(document.at("/errors/0/code").asText()).isEqualTo("DUPLICATE_POLICY");
        assertThat(document.at("/errors/0/file").asText()).endsWith("b.yaml");
    }

    @Test
    void aPolicyThatSelectsNothingIsNamedWhereTheWorkloadsAreKnown() throws IOException {
        Path workloads = directory.resolve("workloads.list");
        Files.writeString(
                workloads, "- {namespace: shop, serviceAccount: orders, labels: {app: orders}}\n");
        Path file = directory.resolve("orders.yaml");
        Files.writeString(
                file,
                GOOD
                        + "---\n"
                        + GOOD.replace("orders-callers", "typo")
                                .replace(
                                        "spec:",
                                        "spec:\n  selector: {matchLabels: {app: ordres}}"));

        int code =
                run(
                        new PolicyValidateCommand(),
                        "--workloads",
                        workloads.toString(),
                        file.toString());

        assertThat(code).isZero();
        assertThat(out.toString())
                .contains("warning  " + file + ":11: spec.selector: shop/typo: applies to none of")
                .contains("[SELECTS_NOTHING]")
                .doesNotContain("shop/orders-callers: applies");
    }

    @Test
    void aLastAllowThatBecomesADryRunIsRefusedUnlessItIsMeant() throws IOException {
        Path old = Files.createDirectory(directory.resolve("old"));
        Path next = Files.createDirectory(directory.resolve("new"));
        Files.writeString(old.resolve("web.yaml"), GOOD);
        Path file = next.resolve("web.yaml");
        String dryRun = GOOD.replace("spec:\n", "spec:\n  mode: DryRun\n");
        Files.writeString(file, dryRun);

        assertThat(against(old, next)).isOne();
        assertThat(out.toString())
                .contains("spec.mode: ")
                .contains("the last ALLOW of every workload of shop", "everybody would be denied")
                .contains("[LAST_ALLOW_TO_DRY_RUN]");
        assertThat(against(old, next, "--allow-open")).isZero();
        assertThat(out.toString())
                .contains("CLOSED: it is the last ALLOW of every workload of shop");
        assertThat(against(next, next)).as("nothing turns").isZero();

        Files.writeString(
                file,
                dryRun.replace(
                        "namespace: shop}",
                        "namespace: shop, annotations: {countersign.dev/allow-open: 'true'}}"));
        assertThat(against(old, next)).as("it says so itself").isZero();
        assertThat(out.toString()).contains("warning ", "CLOSED: ");
        run(new PolicyDiffCommand(), "--exit-zero", old.toString(), next.toString());
        assertThat(out.toString())
                .contains("CLOSED")
                .contains("is the last ALLOW of shop/default: everybody would be denied there");

        Files.writeString(
                file,
                dryRun.replace(
                        "namespace: shop}",
                        "namespace: shop, annotations: {countersign.dev/allow-open: 'yes'}}"));
        assertThat(run(new PolicyValidateCommand(), file.toString())).isOne();
        assertThat(out.toString())
                .contains("countersign.dev/allow-open: yes (expected: 'true' or 'false')");
    }

    private int against(Path old, Path next, String... more) {
        out.getBuffer().setLength(0);
        List<String> arguments =
                new ArrayList<>(List.of("--against", old.toString(), next.toString()));
        arguments.addAll(List.of(more));
        return run(new PolicyValidateCommand(), arguments.toArray(String[]::new));
    }

    @Test
    void aFileThatSaysNothingIsAcceptedAndNamed() throws IOException {
        Path file = directory.resolve("empty.yaml");
        Files.writeString(file, "# later\n");

        assertThat(run(new PolicyValidateCommand(), file.toString())).isZero();
        assertThat(out.toString()).contains("empty.yaml: holds no policy at all [NO_POLICY]");
    }

    @Test
    void lettersThatChangedPlacesAreRecognised() throws IOException {
        Path file = directory.resolve("typo.yaml");
        Files.writeString(file, GOOD.replace("from:", "form:"));

        assertThat(run(new PolicyValidateCommand(), file.toString())).isOne();
        assertThat(out.toString()).contains("did you mean from?");
    }

    @Test
    void anEmptyDirectoryIsAUsageError() {
        assertThat(run(new PolicyValidateCommand(), directory.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("holds no .yaml");
    }

    private int run(Object command, String... arguments) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private static byte[] cases(String table) throws IOException {
        try (InputStream in =
                PolicyCommandsTest.class.getResourceAsStream("/cases/" + table + ".json")) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }
}
