package dev.countersign.policy.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;

/** Whatever the text: reasons with a place, or a program that ends in an answer or a fault. */
class ExpressionFuzzTest {
    private static final Map<String, Object> REQUEST =
            Map.of(
                    "source.principal",
                    "td/ns/shop/sa/web",
                    "source.ip",
                    "10.1.2.3",
                    "destination.port",
                    80L,
                    "request.path",
                    "/a",
                    "request.headers",
                    Map.of("x", "y"),
                    "request.auth.claims",
                    Map.of("groups", List.of("a", "b"), "level", 5L));

    private static final List<String> WORDS =
            List.of(
                    "source.principal",
                    "source.ip.inBlock('10.0.0.0/8')",
                    "destination.port",
                    "request.path",
                    "request.headers",
                    "request.headers.x",
                    "request.auth.claims",
                    "request.auth.claims.groups",
                    ".exists(x, ",
                    ".all(y, ",
                    ".map(z, ",
                    ".matches('",
                    ".startsWith('",
                    ".contains(",
                    "has(",
                    " && ",
                    " || ",
                    " == ",
                    " in ",
                    " ? ",
                    " : ",
                    "!",
                    "(",
                    ")",
                    "[",
                    "]",
                    "'",
                    "{",
                    "}",
                    "1",
                    "true",
                    "x");

    @FuzzTest(maxDuration = "20s")
    void endsInReasonsOrInAProgramThatEnds(FuzzedDataProvider data) {
        StringBuilder text = new StringBuilder();
        while (data.remainingBytes() > 0 && text.length() < 3000) {
            text.append(data.consumeBoolean() ? data.pickValue(WORDS) : data.consumeString(6));
        }
        check(text.toString());
    }

    private static void check(String source) {
        switch (ExpressionCompiler.compile(source)) {
            case ExpressionCompiler.Refused refused ->
                    assertThat(refused.faults())
                            .isNotEmpty()
                            .allSatisfy(fault -> {
                                assertThat(fault.line()).isPositive();
                                assertThat(fault.column()).isPositive();
                                assertThat(fault.reason()).isNotEmpty();
                            });
            case ExpressionCompiler.Compiled compiled -> {
                assertThat(compiled.cost()).isLessThanOrEqualTo(ExpressionCost.LIMIT);
                assertThatCode(() -> evaluate(compiled.checked())).doesNotThrowAnyException();
            }
        }
    }

    private static void evaluate(CheckedExpression checked) throws ExpressionFault {
        ExpressionProgram program = ExpressionProgram.load(checked);
        try {
            assertThat(program.test(REQUEST::get)).isIn(true, false);
        } catch (ExpressionFault fault) {
            assertThat(fault.getMessage()).isNotEmpty();
        }
    }
}
