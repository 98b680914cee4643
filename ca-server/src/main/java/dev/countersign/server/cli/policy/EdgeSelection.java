package dev.countersign.server.cli.policy;

import com.google.protobuf.Timestamp;
import dev.countersign.server.cli.DurationConverter;
import dev.countersign.wire.v1.EdgeFilter;
import dev.countersign.wire.v1.ListEdgesRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Mix-in: which of the recorded edges. */
final class EdgeSelection {
    @Option(
            names = "--from",
            paramLabel = "CALLER",
            description = "Only of this caller: namespace/service-account, or a SPIFFE ID.")
    private String from = "";

    @Option(
            names = "--to",
            paramLabel = "WORKLOAD",
            description = "Only to this workload: namespace/service-account, or a SPIFFE ID.")
    private String to = "";

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "Only edges with an end in this namespace.")
    private String namespace = "";

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description =
                    "Only what was seen since so long ago, such as 2h or 7d (default: everything on"
                            + " record, 30d at most).")
    private @Nullable Duration since;

    ListEdgesRequest request(EdgeFilter filter, InstantSource clock) {
        ListEdgesRequest.Builder request =
                ListEdgesRequest.newBuilder()
                        .setSource(from)
                        .setDestination(to)
                        .setNamespace(namespace)
                        .setFilter(filter);
        if (since != null) {
            Instant begin = clock.instant().minus(since);
            request.setSince(
                    Timestamp.newBuilder()
                            .setSeconds(begin.getEpochSecond())
                            .setNanos(begin.getNano()));
        }
        return request.build();
    }
}
