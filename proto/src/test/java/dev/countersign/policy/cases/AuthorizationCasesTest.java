package dev.countersign.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AuthorizationCasesTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    static Stream<Arguments> table() throws IOException, BadCaseTable {
        try (InputStream in =
                AuthorizationCasesTest.class.getResourceAsStream("/cases/authorization.json")) {
            CaseTable table = CaseTable.read(Objects.requireNonNull(in).readAllBytes());
            return table.cases().stream()
                    .map(one -> Arguments.of(one.id() + " " + one.name(), one));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void decidesAsTheTableSays(String name, TestCase subject) {
        CaseResult result = new CaseRunner(CLOCK).run(subject);

        assertThat(result).as(result.got()).isInstanceOf(CaseResult.Passed.class);
    }
}
