package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.testing.Cases;
import dev.countersign.wire.v1.Edge;
import dev.countersign.wire.v1.EdgeRuling;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EdgeCodecTest {
    private static final Instant T = Instant.parse("2026-03-01T10:15:02.123456789Z");

    static Stream<Long> seeds() {
        return Cases.seeds(100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aReportSurvivesTheWay(long seed) throws Exception {
        Cases cases = new Cases(seed);
        EdgeReport report =
                new EdgeReport(
                        cases.between(1, 1000),
                        cases.between(0, 5),
                        cases.chance(2),
                        Stream.generate(() -> edge(cases)).limit(cases.between(0, 20)).toList());

        assertThat(EdgeCodec.decode(EdgeCodec.encode(report))).isEqualTo(report);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("direction: 0", Edge.Builder::clearDirection),
                fault("direction: 9", edge -> edge.setDirectionValue(9)),
                fault("tls: 0", Edge.Builder::clearTls),
                fault("ruling, first_seen", Edge.Builder::clearRuling),
                fault("ruling, first_seen", Edge.Builder::clearLastSeen),
                fault("peer_principal: ", edge -> edge.setPeerPrincipal("https://evil.example")),
                fault("port: 65536 (", edge -> edge.setPort(65536)),
                fault("port: -1 (", edge -> edge.setPort(-1)),
                fault("count: 0 (", Edge.Builder::clearCount),
                fault("count: -1 (", edge -> edge.setCount(-1)),
                fault("path: 513 characters (", edge -> edge.setPath("/".repeat(513))),
                fault("method: 33 characters (", edge -> edge.setMethod("X".repeat(33))),
                fault("path: character 2 (", edge -> edge.setPath("/a\nforged")),
                fault("method: character 0 (", edge -> edge.setMethod("\u001b[31m")),
                fault("peer_address: character 0 (", edge -> edge.setPeerAddress("\u202e1")),
                fault(
                        "policy: character 1 (",
                        edge -> edge.setDryRun(EdgeRuling.newBuilder().setPolicy("a b"))),
                fault("rule: -2 (", edge -> edge.setRuling(EdgeRuling.newBuilder().setRule(-2))),
                fault("lastSeen: ", edge -> edge.setLastSeen(Timestamps.encode(T.minusNanos(1)))));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void anEdgeThatBreaksTheContractIsRefused(String message, Consumer<Edge.Builder> fault) {
        var report =
                EdgeCodec.encode(new EdgeReport(1, 0, false, List.of(edge(new Cases(1)))))
                        .toBuilder();
        report.getEdgesBuilder(0).setFirstSeen(Timestamps.encode(T));
        fault.accept(report.getEdgesBuilder(0));

        assertThatThrownBy(() -> EdgeCodec.decode(report.build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining(message);
    }

    @Test
    void aReportIsBounded() {
        Edge edge =
                EdgeCodec.encode(new EdgeReport(1, 0, false, List.of(edge(new Cases(1)))))
                        .getEdges(0);
        var tooMany =
                dev.countersign.wire.v1.EdgeReport.newBuilder()
                        .setSequence(1)
                        .addAllEdges(Collections.nCopies(501, edge))
                        .build();

        assertThatThrownBy(() -> EdgeCodec.decode(tooMany)).hasMessageContaining("edges: 501");
        assertThatThrownBy(() ->
                        EdgeCodec.decode(tooMany.toBuilder().clearEdges().setSequence(0).build()))
                .hasMessageContaining("sequence: 0 (expected: >= 1)");
    }

    private static Arguments fault(String message, Consumer<Edge.Builder> fault) {
        return Arguments.of(message, fault);
    }

    private static ReportedEdge edge(Cases cases) {
        boolean http = cases.chance(2);
        boolean identity = cases.chance(2);
        return new ReportedEdge(
                cases.oneOf(List.of(EdgeDirection.values())),
                identity ? "spiffe://example.org/ns/a/sa/" + cases.text("abc", 1, 9) : "",
                identity ? "" : "10.0.0." + cases.between(0, 255),
                cases.between(0, 65535),
                http,
                http ? cases.oneOf(List.of("GET", "POST", ReportedEdge.ANY)) : "",
                http ? "/" + cases.text("ab/", 0, 9) : "",
                ruling(cases),
                cases.chance(2) ? Optional.of(ruling(cases)) : Optional.empty(),
                identity ? EdgeTls.MTLS : EdgeTls.PLAINTEXT,
                cases.between(1, 1_000_000),
                T,
                T.plusSeconds(cases.between(0, 60)));
    }

    private static Ruling ruling(Cases cases) {
        return new Ruling(
                cases.chance(2),
                cases.chance(3) ? "" : "shop/" + cases.text("abc-", 1, 9),
                cases.between(-1, 9));
    }
}
