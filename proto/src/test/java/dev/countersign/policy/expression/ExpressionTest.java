package dev.countersign.policy.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
    private static final Map<String, Object> REQUEST =
            Map.of(
                    "source.principal",
                    "td/ns/shop/sa/web",
                    "source.ip",
                    "10.1.2.3",
                    "destination.port",
                    8080L,
                    "destination.labels",
                    Map.of("tier", "back"),
                    "request.path",
                    "/orders/7",
                    "request.headers",
                    Map.of("x-tenant", "blue"),
                    "request.auth.claims",
                    Map.of(
                            "groups",
                            List.of("admin", "ops"),
                            "level",
                            5L,
                            "score",
                            1.5,
                            "verified",
                            true),
                    "connection.mtls",
                    true);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source.principal == 'td/ns/shop/sa/web'",
                "source.principal.startsWith('td/ns/shop/') && destination.port in [8080, 9090]",
                "source.ip.inBlock('10.0.0.0/8') && !source.ip.inBlock('10.2.0.0/16')",
                "request.headers['x-tenant'] == 'blue' && !('x-other' in request.headers)",
                "has(request.headers.cookie) || destination.labels.tier == 'back'",
                "'admin' in request.auth.claims.groups",
                "request.auth.claims.groups.exists(g, g.startsWith('adm'))",
                "request.auth.claims.level > 3 && request.auth.claims.score < 2",
                "request.auth.claims.verified == true",
                "!has(request.auth.claims.missing)",
                "request.path.matches('^/orders/[0-9]+$')",
                "connection.mtls ? size(request.path) < 100 : false",
                "true || connection.sni == 'x'"
            })
    void holds(String source) throws Exception {
        assertThat(program(source).test(REQUEST::get)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connection.sni == 'x'",
                "connection.sni != 'x'",
                "request.headers['x-other'] == 'blue'",
                "request.auth.claims.missing == 1",
                "request.auth.claims.level == 'five' || request.auth.claims.groups > 3",
                "size(request.auth.claims.level) == 1",
                "1 / (destination.port - 8080) == 1",
                "request.auth.principal == 'x' || false"
            })
    void hasNoValueWhereSomethingIsAbsentOrOfAnotherType(String source) throws Exception {
        ExpressionProgram program = program(source);

        assertThatThrownBy(() -> program.test(REQUEST::get)).isInstanceOf(ExpressionFault.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "source.principl == 'x' | 1:1 | no variable source.principl",
                "true && request.bdy == '' | 1:9 | no variable request.bdy",
                "destination.port == '80' | 1:18 | no matching overload",
                "destination.port + 1 | 1:18 | expected type 'bool'",
                "source.principal == | 1:20 | mismatched input",
                "size(request.headers) == 0 | 1:13 | as a whole",
                "request.headers.exists(h, h == 'x') | 1:8 | as a whole",
                "request.headers['X-Tenant'] == 'x' | 1:16 | lower case",
                "request.path.matches(request.host) | 1:21 | written out",
                "request.path.matches('(') | 1:21 | RE2",
                "source.ip.inBlock('10.0.0.0/99') | 1:18 | CIDR",
                "timestamp('2026-01-01T00:00:00Z').getFullYear() > 1 | 1:46 | getFullYear",
                "request.headers[request.host] == 'x' | 1:16 | written out",
                "request.auth.claims.admin | 1:1 | expected: bool",
            })
    void isRefusedWithItsPlaceAndReason(String source, String place, String reason) {
        ExpressionCompiler.Outcome outcome = ExpressionCompiler.compile(source);

        assertThat(outcome).isInstanceOf(ExpressionCompiler.Refused.class);
        assertThat(((ExpressionCompiler.Refused) outcome).faults())
                .anySatisfy(
                        fault -> assertThat(fault.toString()).startsWith(place).contains(reason));
    }

    @Test
    void whatIsExponentialOrEndlessIsRefused() {
        String list =
                IntStream.range(0, 40)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",", "[", "]"));
        List<String> hostile =
                List.of(
                        // Loops in loops over what the caller sends.
                        "request.auth.claims.a.all(x, request.auth.claims.b.all(y, x != y))",
                        "%1$s.all(a, %1$s.all(b, %1$s.all(c, %1$s.all(d, a+b+c+d > 0))))"
                                .formatted(list),
                        // Doubling.
                        "[1].map(a, [a, a]).map(b, [b, b]).map(c, [c, c]).map(d, [d, d]).all(e,"
                                + " request.auth.claims.x.map(f, request.path + request.path)"
                                + ".exists(g, g.contains(request.path)))",
                        "request.auth.claims.a.exists(x, request.path.contains(string(x)))",
                        // Deep and long.
                        "(".repeat(300) + "true" + ")".repeat(300),
                        "[".repeat(300) + "]".repeat(300) + " == []",
                        "true" + " || true".repeat(500),
                        "'" + "a".repeat(3000) + "' == ''",
                        "request.path.matches('(a{1000}){1000}')",
                        "request.path.matches('((a{2,999}){999,}){9}')",
                        "request.path.matches('" + "(a*)*".repeat(60) + "')");

        for (String source : hostile) {
            assertThat(ExpressionCompiler.compile(source))
                    .as(source)
                    .isInstanceOf(ExpressionCompiler.Refused.class);
        }
    }

    @Test
    void aLoopStopsWhereItsEstimateStops() throws Exception {
        ExpressionProgram program = program("request.auth.claims.groups.all(g, g != 'x')");
        Map<String, Object> few = withGroups(ExpressionCost.MAX_ITERATIONS);
        Map<String, Object> many = withGroups(ExpressionCost.MAX_ITERATIONS + 2);

        assertThat(program.test(few::get)).isTrue();
        assertThatThrownBy(() -> program.test(many::get))
                .isInstanceOf(ExpressionFault.class)
                .hasMessageContaining("Iteration budget");
    }

    @Test
    void aProgramIsSharedBetweenThreads() throws Exception {
        ExpressionProgram program =
                program("request.auth.claims.groups.exists(g, g == source.principal)");
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> tasks =
                    IntStream.range(0, 400)
                            .<Callable<Boolean>>mapToObj(i ->
                                    () -> {
                                        Map<String, Object> own = new HashMap<>(REQUEST);
                                        own.put("source.principal", "p" + i);
                                        own.put(
                                                "request.auth.claims",
                                                Map.of(
                                                        "groups",
                                                        List.of("p" + (i % 2 == 0 ? i : -1))));
                                        return program.test(own::get) == (i % 2 == 0);
                                    })
                            .toList();
            for (Future<Boolean> answer : threads.invokeAll(tasks)) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @Test
    void aFormThatNoCompilerOfOursMadeIsRefused() {
        for (byte[] bytes : List.of(new byte[] {1, 2, 3}, new byte[] {0}, new byte[200])) {
            assertThatThrownBy(() -> ExpressionProgram.load(CheckedExpression.of(bytes)))
                    .isInstanceOf(ExpressionFault.class);
        }
        assertThatThrownBy(() -> CheckedExpression.of(new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CheckedExpression.of(new byte[CheckedExpression.MAX_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void equalSourcesGiveEqualForms() {
        assertThat(checked("request.path == '/' && connection.mtls"))
                .isEqualTo(checked("request.path == '/' && connection.mtls"))
                .isNotEqualTo(checked("request.path == '/x' && connection.mtls"));
    }

    private static Map<String, Object> withGroups(int count) {
        return Map.of(
                "request.auth.claims",
                Map.of("groups", IntStream.range(0, count).mapToObj(i -> "g" + i).toList()));
    }

    private static ExpressionProgram program(String source) throws ExpressionFault {
        return ExpressionProgram.load(checked(source));
    }

    private static CheckedExpression checked(String source) {
        ExpressionCompiler.Outcome outcome = ExpressionCompiler.compile(source);
        assertThat(outcome).as(source).isInstanceOf(ExpressionCompiler.Compiled.class);
        return ((ExpressionCompiler.Compiled) outcome).checked();
    }
}
