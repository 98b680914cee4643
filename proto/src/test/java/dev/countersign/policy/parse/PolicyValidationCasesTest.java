package dev.countersign.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyValidationCasesTest {

    static Stream<Arguments> table() throws IOException {
        try (InputStream in =
                PolicyValidationCasesTest.class.getResourceAsStream(
                        "/cases/policy-validation.json")) {
            JsonNode cases = new ObjectMapper().readTree(Objects.requireNonNull(in));
            return StreamSupport.stream(cases.spliterator(), false)
                    .map(row -> Arguments.of(row.get("name").asText(), row));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void admitsAsTheTableSays(String name, JsonNode row) throws PolicyRefused {
        byte[] yaml = row.get("policy").asText().getBytes(StandardCharsets.UTF_8);

        if (row.get("valid").asBoolean()) {
            ParsedPolicies parsed = PolicyParser.parse("case.yaml", yaml);
            assertThat(parsed.policies()).hasSize(1);
            assertThat(!parsed.warnings().isEmpty())
                    .as("warnings %s", parsed.warnings())
                    .isEqualTo(row.get("warning").asBoolean());
        } else {
            assertThatThrownBy(() -> PolicyParser.parse("case.yaml", yaml))
                    .isInstanceOfSatisfying(
                            PolicyRefused.class,
                            refused ->
                                    assertThat(refused.problems())
                                            .isNotEmpty()
                                            .allSatisfy(one -> {
                                                assertThat(one.line()).isPositive();
                                                assertThat(one.path()).isNotEmpty();
                                            }));
        }
    }
}
