package dev.countersign.agent.proxy.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.trust.VerifiedPeer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TrafficMetricsTest {
    private static final String OWN = "spiffe://mesh.test/ns/shop/sa/orders";

    private final TrafficMetrics metrics = new TrafficMetrics(2);
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    TrafficMetricsTest() {
        PrometheusRegistry registry = meters.getPrometheusRegistry();
        registry.register(new TrafficExport(metrics, () -> OWN));
    }

    @Test
    void whoCallsWhomIsToldInTheLabelsThatUsersOfIstioKnow() {
        metrics.ended(Requests.allowed(Requests.peer("web"), "/orders/42"));
        metrics.ended(Requests.answered(Requests.peer("stock"), 200, 5));

        String page = meters.scrape();

        assertThat(page)
                .contains(
                        "countersign_requests_total{connection_security_policy=\"mutual_tls\","
                                + "destination_principal=\""
                                + OWN
                                + "\",grpc_response_status=\"\",reporter=\"destination\","
                                + "request_protocol=\"http\",response_code=\"200\","
                                + "source_principal=\"spiffe://mesh.test/ns/shop/sa/web\"} 1.0")
                .contains(
                        "destination_principal=\"spiffe://mesh.test/ns/shop/sa/stock\","
                                + "grpc_response_status=\"5\",reporter=\"source\","
                                + "request_protocol=\"grpc\"");
    }

    @Test
    void durationsAndBodiesFallIntoTheirBuckets() {
        metrics.ended(Requests.allowed(Requests.peer("web"), "/"));

        String page = meters.scrape();

        assertThat(line(page, "countersign_request_duration_milliseconds_bucket", "le=\"1.0\""))
                .endsWith(" 0");
        assertThat(line(page, "countersign_request_duration_milliseconds_bucket", "le=\"5.0\""))
                .endsWith(" 1");
        assertThat(line(page, "countersign_request_duration_milliseconds_sum", ""))
                .endsWith(" 3.0");
        assertThat(line(page, "countersign_request_bytes_bucket", "le=\"100.0\"")).endsWith(" 1");
        assertThat(line(page, "countersign_response_bytes_bucket", "le=\"1000.0\"")).endsWith(" 0");
        assertThat(line(page, "countersign_response_bytes_sum", "")).endsWith(" 2000.0");
    }

    @Test
    void aCallerWithoutIdentityIsUnknownAndInTheClear() {
        metrics.ended(Requests.allowed(Optional.empty(), "/"));

        assertThat(meters.scrape())
                .contains("connection_security_policy=\"none\"")
                .contains("source_principal=\"unknown\"");
    }

    @Test
    void morePeersThanTheBoundAreOneAndCountedAsSuch() {
        for (String account : new String[] {"a", "b", "c", "d", "c"}) {
            metrics.ended(Requests.allowed(Requests.peer(account), "/"));
        }

        String page = meters.scrape();

        assertThat(page.lines().filter(line -> line.startsWith("countersign_requests_total{")))
                .hasSize(3);
        assertThat(line(page, "countersign_requests_total", "source_principal=\"other\""))
                .endsWith(" 3.0");
        assertThat(line(page, "countersign_metrics_overflowed_total", "")).endsWith(" 3.0");
    }

    @Test
    void moreStatusesThanTheBoundAreOneAndCountedAsSuch() {
        Optional<VerifiedPeer> web = Requests.peer("web");
        for (int status = 200; status < 200 + PeerSeries.MAX_ENDS + 10; status++) {
            metrics.ended(Requests.answered(web, status, -1));
            metrics.ended(Requests.answered(web, status, -1));
        }

        String page = meters.scrape();

        assertThat(page.lines().filter(line -> line.startsWith("countersign_requests_total{")))
                .hasSize(PeerSeries.MAX_ENDS + 1);
        assertThat(line(page, "countersign_requests_total", "response_code=\"other\""))
                .endsWith(" 20.0");
        assertThat(line(page, "countersign_metrics_overflowed_total", "")).endsWith(" 20.0");
    }

    @Test
    void recordingMakesNoGarbage() {
        EndedRequest request = Requests.allowed(Requests.peer("web"), "/");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        record(request);
        long before = threads.getCurrentThreadAllocatedBytes();

        record(request);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
    }

    private void record(EndedRequest request) {
        for (int i = 0; i < 100_000; i++) {
            metrics.ended(request);
        }
    }

    private static String line(String page, String start, String part) {
        return page.lines()
                .filter(line -> line.startsWith(start) && line.contains(part))
                .findFirst()
                .orElse("none in\n" + page);
    }
}
