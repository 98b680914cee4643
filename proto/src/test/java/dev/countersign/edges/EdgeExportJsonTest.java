package dev.countersign.edges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdgeExportJsonTest {
    private static final Instant T = Instant.parse("2026-03-01T10:15:02Z");
    private static final ObservedEdge HTTP =
            new ObservedEdge(
                    "spiffe://example.org/ns/shop/sa/web",
                    "",
                    "spiffe://example.org/ns/shop/sa/orders",
                    Map.of("app", "orders"),
                    EdgeDirection.INBOUND,
                    8080,
                    "http",
                    "GET",
                    "/orders/{*}",
                    new Ruling(true, "shop/orders-callers", 0),
                    Optional.of(new Ruling(false, "shop/tighter", 2)),
                    EdgeTls.MTLS,
                    1840,
                    T.minusSeconds(60),
                    T);
    private static final ObservedEdge TCP =
            new ObservedEdge(
                    "",
                    "10.0.0.7",
                    "spiffe://example.org/ns/shop/sa/db",
                    Map.of(),
                    EdgeDirection.INBOUND,
                    5432,
                    "tcp",
                    "",
                    "",
                    new Ruling(false, "", -1),
                    Optional.empty(),
                    EdgeTls.PLAINTEXT,
                    3,
                    T,
                    T);

    @Test
    void whatIsWrittenIsRead() throws Exception {
        EdgeExport export =
                new EdgeExport(
                        T.minusSeconds(3600), T, List.of("agent x lost 3"), List.of(HTTP, TCP));

        String text = EdgeExportJson.write(export);

        assertThat(EdgeExportJson.read(bytes(text))).isEqualTo(export);
        assertThat(EdgeExportJson.read(bytes(EdgeExportJson.tree(export).toString())))
                .isEqualTo(export);
        assertThat(text.lines()).as("one edge a line").hasSize(4);
    }

    @Test
    void aFileByHandNeedsOnlyWhatTheFormatNames() throws Exception {
        EdgeExport export =
                EdgeExportJson.read(
                        bytes(
                                """
                                {"version":1,
                                 "window":{"from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z"},
                                 "complete":true,"incompleteBecause":[],"later":"unknown",
                                 "edges":[{"source":"","destination":"d","port":1,"protocol":"tcp",
                                   "method":"","pathTemplate":"","decision":"allowed","policy":"",
                                   "rule":-1,"count":1,"firstSeen":"2026-03-01T00:00:00Z",
                                   "lastSeen":"2026-03-01T00:00:00Z","tls":"plaintext"}]}\
                                """));

        assertThat(export.complete()).isTrue();
        assertThat(export.edges().getFirst().observedBy()).isEqualTo(EdgeDirection.INBOUND);
        assertThat(export.edges().getFirst().labels()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"version\":1 | \"version\":2 | version: 2 (expected: 1)",
                "\"complete\":true | \"complete\":false | complete: false with 0 reasons",
                "\"edges\" | \"wedges\" | edges: missing",
                "\"port\":8080 | \"port\":80800 | edges[0].port: 80800 (expected: 0 to 65535)",
                "\"tls\":\"mtls\" | \"tls\":\"ssl\" | edges[0].tls: \"ssl\" (expected: mtls or plaintext)",
                "\"decision\":\"denied\" | \"decision\":1 | edges[0].dryRun.decision: 1 (expected",
                "\"count\":1840 | \"count\":0 | edges[0].count: 0 (expected: 1 to",
                "\"orders\"} | 7} | edges[0].labels.app: 7 (expected: a string)",
                "2026-03-01T10:15:02Z | yesterday | (expected: a time such as",
                "\"window\" | \"door\" | window.from: missing",
                "{\"version\" | [{\"version\" | not JSON"
            })
    void aFileThatIsNoneIsRefusedByFieldAndValue(String good, String bad, String message) {
        String text =
                EdgeExportJson.write(
                        new EdgeExport(T.minusSeconds(9), T, List.of(), List.of(HTTP)));
        String broken = text.replace(good, bad);

        assertThat(broken).isNotEqualTo(text);
        assertThatThrownBy(() -> EdgeExportJson.read(bytes(broken)))
                .isInstanceOf(BadEdgeExport.class)
                .hasMessageContaining(message);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
