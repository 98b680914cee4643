package dev.countersign.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.EdgeCodec;
import dev.countersign.wire.v1.EdgeFilter;
import dev.countersign.wire.v1.EdgeWindow;
import dev.countersign.wire.v1.Hello;
import dev.countersign.wire.v1.ListEdgesRequest;
import dev.countersign.wire.v1.ListEdgesResponse;
import dev.countersign.wire.v1.RecordedEdge;
import dev.countersign.wire.v1.SubscribeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgesE2ETest {
    private static final String WORKLOADS =
            """
            workloads:
            - {namespace: shop, serviceAccount: orders, labels: {app: orders, pod-template-hash: x}}
            """;
    private static final String WEB = "spiffe://mesh.example/ns/shop/sa/web";
    private static final String ORDERS = "spiffe://mesh.example/ns/shop/sa/orders";

    private final MutableClock clock = MutableClock.create();

    @TempDir private Path folder;
    private RunningServer server;

    @BeforeEach
    void start() throws Exception {
        server = RunningServer.start(folder, clock, WORKLOADS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aReporterIsOneEndOfEveryEdgeWhateverItSays() {
        AgentStream orders = subscribe("orders", "instance-1");

        long receipt =
                report(
                        orders,
                        1,
                        edge(EdgeDirection.INBOUND, WEB, "/orders/{*}", 3),
                        edge(EdgeDirection.OUTBOUND, WEB, "/callback", 2));

        assertThat(receipt).isEqualTo(1);
        List<RecordedEdge> edges = edges(ListEdgesRequest.getDefaultInstance());
        assertThat(edges)
                .extracting(RecordedEdge::getSource, RecordedEdge::getDestination)
                .containsExactlyInAnyOrder(
                        org.assertj.core.api.Assertions.tuple(WEB, ORDERS),
                        org.assertj.core.api.Assertions.tuple(ORDERS, WEB));
        assertThat(edges)
                .filteredOn(edge -> edge.getDestination().equals(ORDERS))
                .allSatisfy(edge -> {
                    assertThat(edge.getCount()).isEqualTo(3);
                    assertThat(edge.getLabelsMap()).containsOnlyKeys("app");
                    assertThat(edge.getRuling().getPolicy()).isEqualTo("shop/callers");
                });
    }

    @Test
    void aReportSentAgainOnTheNextStreamCountsOnce() {
        AgentStream first = subscribe("orders", "instance-1");
        report(first, 1, edge(EdgeDirection.INBOUND, WEB, "/orders", 3));
        first.complete();

        AgentStream second = subscribe("orders", "instance-1");
        long receipt = report(second, 1, edge(EdgeDirection.INBOUND, WEB, "/orders", 3));

        assertThat(receipt).isEqualTo(1);
        assertThat(edges(ListEdgesRequest.getDefaultInstance()))
                .extracting(RecordedEdge::getCount)
                .containsExactly(3L);
    }

    @Test
    void edgesAreListedByEndsAndVerdict() {
        AgentStream orders = subscribe("orders", "instance-1");
        report(
                orders,
                1,
                edge(EdgeDirection.INBOUND, WEB, "/a", 1),
                plaintext("10.0.0.7", new Ruling(false, "", -1)));

        assertThat(edges(request().setSource("shop/web").build())).hasSize(1);
        assertThat(edges(request().setSource("shop/guest").build())).isEmpty();
        assertThat(edges(request().setDestination(ORDERS).build())).hasSize(2);
        assertThat(edges(request().setNamespace("bank").build())).isEmpty();
        assertThat(edges(request().setFilter(EdgeFilter.EDGE_FILTER_DENIED).build()))
                .extracting(RecordedEdge::getSourceAddress)
                .containsExactly("10.0.0.7");
        assertThat(edges(request().setFilter(EdgeFilter.EDGE_FILTER_PLAINTEXT).build())).hasSize(1);
        assertThatThrownBy(() -> edges(request().setNamespace("a%").build()))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("namespace");
    }

    @Test
    void aWindowSaysWhyItMayNotShowAllTraffic() {
        assertThat(window().getIncompleteBecauseList())
                .singleElement()
                .asString()
                .startsWith("no agent reported since");
        AgentStream orders = subscribe("orders", "instance-1");
        AgentStream silent = subscribe("web", "instance-2");
        AgentStream gone = subscribe("guest", "instance-3");
        report(orders, 1, edge(EdgeDirection.INBOUND, WEB, "/a", 1));
        report(gone, 1, edge(EdgeDirection.INBOUND, WEB, "/b", 1));
        assertThat(window().getIncompleteBecauseList()).as("all is well so far").isEmpty();
        gone.complete();
        clock.advance(Duration.ofMinutes(4));

        send(orders, new EdgeReport(2, 12, false, List.of()));
        await(orders, 2);

        assertThat(window().getIncompleteBecauseList())
                .satisfiesExactly(
                        loss -> assertThat(loss).startsWith("12 decisions of " + ORDERS),
                        mute ->
                                assertThat(mute)
                                        .startsWith("1 agent connected and silent")
                                        .contains("shop/web"),
                        lost ->
                                assertThat(lost)
                                        .startsWith("1 agent stopped without its last report")
                                        .contains("sa/guest"));
        assertThat(
                        window(
                                        request()
                                                .setSince(
                                                        com.google.protobuf.Timestamp.newBuilder()
                                                                .setSeconds(
                                                                        clock.instant()
                                                                                        .getEpochSecond()
                                                                                - 86_400))
                                                .build())
                                .getIncompleteBecauseList())
                .anyMatch(reason -> reason.startsWith("recording began at"));
        silent.complete();
    }

    @Test
    void anAgentThatSaidGoodbyeIsNotMissed() {
        AgentStream orders = subscribe("orders", "instance-1");
        send(orders, new EdgeReport(1, 0, true, List.of()));
        await(orders, 1);
        orders.complete();

        clock.advance(Duration.ofMinutes(10));

        assertThat(window().getIncompleteBecauseList()).isEmpty();
    }

    @Test
    void anAgentThatReportsInALoopIsCutOff() {
        AgentStream orders = subscribe("orders", "instance-1");

        for (int i = 1; i <= Subscriber.REPORTS_PER_SECOND + 1; i++) {
            send(orders, new EdgeReport(i, 0, false, List.of()));
        }

        assertThat(orders.refusal().code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(orders.refusal().reason()).isEqualTo("EDGE_REPORT_RATE");
    }

    @Test
    void aReportThatBreaksTheContractEndsTheStream() {
        AgentStream orders = subscribe("orders", "instance-1");
        var report =
                EdgeCodec.encode(
                        new EdgeReport(
                                1, 0, false, List.of(edge(EdgeDirection.INBOUND, WEB, "/a", 1))))
                        .toBuilder();
        report.getEdgesBuilder(0).setPath("/a\u001b[2J");

        orders.send(SubscribeRequest.newBuilder().setEdges(report));

        assertThat(orders.refusal().reason()).isEqualTo("REQUEST_MALFORMED");
        assertThat(edges(ListEdgesRequest.getDefaultInstance())).isEmpty();
    }

    private AgentStream subscribe(String account, String instance) {
        Svid svid = server.svid("shop", account, account + "-0");
        AgentStream stream =
                AgentStream.open(server.connect(svid))
                        .send(Hello.newBuilder().setProtocolVersion(1).setInstanceId(instance));
        stream.snapshot(server, svid);
        return stream;
    }

    private static long report(AgentStream stream, long sequence, ReportedEdge... edges) {
        send(stream, new EdgeReport(sequence, 0, false, List.of(edges)));
        return await(stream, sequence);
    }

    private static void send(AgentStream stream, EdgeReport report) {
        stream.send(SubscribeRequest.newBuilder().setEdges(EdgeCodec.encode(report)));
    }

    private static long await(AgentStream stream, long sequence) {
        long receipt = stream.next().getEdgeReceipt().getSequence();
        assertThat(receipt).isEqualTo(sequence);
        return receipt;
    }

    private ReportedEdge edge(EdgeDirection direction, String peer, String path, long count) {
        return new ReportedEdge(
                direction,
                peer,
                "",
                8080,
                true,
                "GET",
                path,
                new Ruling(true, "shop/callers", 0),
                Optional.empty(),
                EdgeTls.MTLS,
                count,
                clock.instant(),
                clock.instant());
    }

    private ReportedEdge plaintext(String address, Ruling ruling) {
        return new ReportedEdge(
                EdgeDirection.INBOUND,
                "",
                address,
                8080,
                false,
                "",
                "",
                ruling,
                Optional.empty(),
                EdgeTls.PLAINTEXT,
                1,
                clock.instant(),
                clock.instant());
    }

    private static ListEdgesRequest.Builder request() {
        return ListEdgesRequest.newBuilder();
    }

    private EdgeWindow window() {
        return window(ListEdgesRequest.getDefaultInstance());
    }

    private EdgeWindow window(ListEdgesRequest request) {
        return server.admin().listEdges(request).next().getWindow();
    }

    private List<RecordedEdge> edges(ListEdgesRequest request) {
        List<RecordedEdge> edges = new ArrayList<>();
        server.admin()
                .listEdges(request)
                .forEachRemaining((ListEdgesResponse part) -> edges.addAll(part.getEdgesList()));
        return edges;
    }
}
