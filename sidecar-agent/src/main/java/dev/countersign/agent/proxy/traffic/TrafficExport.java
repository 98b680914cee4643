package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * {@link TrafficMetrics} under the names and labels that users of Istio know, with our prefix: {@code
 * countersign_requests_total}, {@code countersign_request_duration_milliseconds}, {@code
 * countersign_request_bytes}, {@code countersign_response_bytes} and {@code countersign_tcp_…_total}.
 * The reporter is {@code destination} for what came in, {@code source} for what went out.
 */
public final class TrafficExport implements MultiCollector {
    private static final double MICROS_IN_A_MILLISECOND = 1000;

    private final TrafficMetrics metrics;
    private final Supplier<String> own;

    /**
     * @param own this workload's SPIFFE ID, or {@code unknown} while it has none
     */
    public TrafficExport(TrafficMetrics metrics, Supplier<String> own) {
        this.metrics = metrics;
        this.own = own;
    }

    @Override
    public MetricSnapshots collect() {
        String self = own.get();
        CounterSnapshot.Builder requests =
                counter("countersign_requests", "HTTP requests that are over");
        HistogramSnapshot.Builder durations =
                histogram(
                        "countersign_request_duration_milliseconds",
                        "From a request's head to the end of its response");
        HistogramSnapshot.Builder requestBytes =
                histogram("countersign_request_bytes", "Bodies of requests");
        HistogramSnapshot.Builder responseBytes =
                histogram("countersign_response_bytes", "Bodies of responses");
        for (PeerSeries peer : metrics.series()) {
            for (RequestSeries end : peer.ends()) {
                Labels labels = of(peer, end, self);
                requests.dataPoint(point(labels, count(end.micros())));
                durations.dataPoint(point(labels, end.micros(), MICROS_IN_A_MILLISECOND));
                requestBytes.dataPoint(point(labels, end.requestBytes(), 1));
                responseBytes.dataPoint(point(labels, end.responseBytes(), 1));
            }
        }
        MetricSnapshots.Builder all =
                MetricSnapshots.builder()
                        .metricSnapshot(requests.build())
                        .metricSnapshot(durations.build())
                        .metricSnapshot(requestBytes.build())
                        .metricSnapshot(responseBytes.build());
        streams(all, self);
        return all.metricSnapshot(
                        counter(
                                        "countersign_metrics_overflowed",
                                        "Counted as other: too many peers, or statuses of one")
                                .dataPoint(point(Labels.EMPTY, metrics.overflowed()))
                                .build())
                .build();
    }

    private void streams(MetricSnapshots.Builder all, String self) {
        stream(all, self, "opened", "Opaque streams opened", s -> s.opened.sum());
        stream(all, self, "closed", "Opaque streams closed", s -> s.closed.sum());
        stream(all, self, "sent_bytes", "Sent on opaque streams", s -> s.sent.sum());
        stream(all, self, "received_bytes", "Received on opaque streams", s -> s.received.sum());
    }

    private void stream(
            MetricSnapshots.Builder all,
            String self,
            String name,
            String help,
            ToLongFunction<StreamSeries> value) {
        boolean connections = !name.endsWith("bytes");
        CounterSnapshot.Builder counter =
                counter("countersign_tcp_" + (connections ? "connections_" : "") + name, help);
        for (PeerSeries peer : metrics.series()) {
            if (peer.streams().opened.sum() > 0) {
                counter.dataPoint(
                        point(
                                both(peer, self).add("request_protocol", "tcp"),
                                value.applyAsLong(peer.streams())));
            }
        }
        all.metricSnapshot(counter.build());
    }

    private static Labels of(PeerSeries peer, RequestSeries end, String self) {
        boolean grpc = end.grpcStatus() >= 0;
        return both(peer, self)
                .merge(
                        Labels.of(
                                "grpc_response_status",
                                grpc ? Integer.toString(end.grpcStatus()) : "",
                                "request_protocol",
                                grpc ? "grpc" : "http",
                                "response_code",
                                end.status()));
    }

    private static Labels both(PeerSeries peer, String self) {
        boolean inbound = peer.direction() == Direction.INBOUND;
        return Labels.of(
                "reporter",
                inbound ? "destination" : "source",
                "source_principal",
                inbound ? peer.principal() : self,
                "destination_principal",
                inbound ? self : peer.principal(),
                "connection_security_policy",
                peer.secure() ? "mutual_tls" : "none");
    }

    private static long count(Histogram histogram) {
        long sum = 0;
        for (int i = 0; i <= histogram.bounds().length; i++) {
            sum += histogram.count(i);
        }
        return sum;
    }

    private static CounterDataPointSnapshot point(Labels labels, long value) {
        return CounterDataPointSnapshot.builder().labels(labels).value((double) value).build();
    }

    private static HistogramDataPointSnapshot point(
            Labels labels, Histogram histogram, double divisor) {
        int bounded = histogram.bounds().length;
        double[] bounds = new double[bounded + 1];
        long[] counts = new long[bounded + 1];
        for (int i = 0; i < bounded; i++) {
            bounds[i] = histogram.bounds()[i] / divisor;
            counts[i] = histogram.count(i);
        }
        bounds[bounded] = Double.POSITIVE_INFINITY;
        counts[bounded] = histogram.count(bounded);
        return HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
                .sum(histogram.sum() / divisor)
                .build();
    }

    private static CounterSnapshot.Builder counter(String name, String help) {
        return CounterSnapshot.builder().name(name).help(help);
    }

    private static HistogramSnapshot.Builder histogram(String name, String help) {
        return HistogramSnapshot.builder().name(name).help(help);
    }
}
