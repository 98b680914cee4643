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
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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

    @Test
    void theWholeTablePasses() throws IOException {
        Path table = directory.resolve("authorization.json");
        Files.write(table, cases());

        int code = run(new PolicyTestCommand(), table.toString());

        assertThat(out.toString()).isEqualTo("252 passed, 0 failed\n");
        assertThat(code).isZero();
    }

    @Test
    void aFailingCaseIsPrintedWithExpectedAndGot() throws IOException {
        JsonNode rows = new ObjectMapper().readTree(cases());
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
                .isEqualTo("1 policies accepted in 1 files, 0 errors, 0 warnings, 0 hints\n");
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

    private static byte[] cases() throws IOException {
        try (InputStream in =
                PolicyCommandsTest.class.getResourceAsStream("/cases/authorization.json")) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }
}
