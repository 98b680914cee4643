package dev.countersign.server.cli.policy;

import dev.countersign.edges.BadEdgeExport;
import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.EdgeExportJson;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.EdgeRuling;
import dev.countersign.wire.v1.EdgeWindow;
import dev.countersign.wire.v1.ListEdgesRequest;
import dev.countersign.wire.v1.ListEdgesResponse;
import dev.countersign.wire.v1.RecordedEdge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Mix-in: recorded edges, from the server or from a file that {@code policy edges} wrote. */
final class EdgeInput {
    private static final long MAX_BYTES = 512L << 20;

    /** So that the same edges make the same file. */
    private static final Comparator<ObservedEdge> ORDER =
            Comparator.comparing(ObservedEdge::destination)
                    .thenComparing(ObservedEdge::source)
                    .thenComparing(ObservedEdge::sourceAddress)
                    .thenComparingInt(ObservedEdge::port)
                    .thenComparing(ObservedEdge::method)
                    .thenComparing(ObservedEdge::pathTemplate)
                    .thenComparing(edge -> edge.labels().toString())
                    .thenComparing(edge -> edge.ruling().toString())
                    .thenComparing(edge -> edge.dryRun().toString())
                    .thenComparing(ObservedEdge::observedBy)
                    .thenComparing(ObservedEdge::tls);

    @Option(
            names = "--edges",
            paramLabel = "FILE",
            description =
                    "Edges from a file of `countersign policy edges --export FILE`, without a server"
                            + " (default: what the server has on record).")
    private @Nullable Path file;

    boolean fromFile() {
        return file != null;
    }

    /**
     * Reads the file or asks the server.
     *
     * @param request what to ask the server for; a file is taken whole
     * @throws PolicyFiles.UnusableFile when the file is none
     */
    EdgeExport read(AdminConnection admin, ListEdgesRequest request)
            throws PolicyFiles.UnusableFile {
        Path named = file;
        if (named == null) {
            return ask(admin, request);
        }
        try {
            return EdgeExportJson.read(PolicyFiles.read(named, MAX_BYTES));
        } catch (BadEdgeExport e) {
            throw new PolicyFiles.UnusableFile(named + ": " + e.getMessage());
        }
    }

    static EdgeExport ask(AdminConnection admin, ListEdgesRequest request) {
        List<ListEdgesResponse> parts =
                admin.call(stub -> {
                    List<ListEdgesResponse> all = new ArrayList<>();
                    stub.listEdges(request).forEachRemaining(all::add);
                    return all;
                });
        if (parts.isEmpty()) {
            throw new CommandFailed("the server said nothing about edges (expected: a window)");
        }
        EdgeWindow window = parts.getFirst().getWindow();
        List<ObservedEdge> edges = new ArrayList<>();
        parts.forEach(part -> part.getEdgesList().forEach(edge -> edges.add(edge(edge))));
        edges.sort(ORDER);
        return new EdgeExport(
                Times.instant(window.getFrom()),
                Times.instant(window.getTo()),
                window.getIncompleteBecauseList(),
                edges);
    }

    private static ObservedEdge edge(RecordedEdge edge) {
        return new ObservedEdge(
                edge.getSource(),
                edge.getSourceAddress(),
                edge.getDestination(),
                edge.getLabelsMap(),
                switch (edge.getObservedBy()) {
                    case EDGE_DIRECTION_INBOUND -> EdgeDirection.INBOUND;
                    case EDGE_DIRECTION_OUTBOUND -> EdgeDirection.OUTBOUND;
                    case EDGE_DIRECTION_UNSPECIFIED, UNRECOGNIZED ->
                            throw unknown("observed_by", edge.getObservedByValue());
                },
                edge.getPort(),
                edge.getHttp() ? ObservedEdge.HTTP : ObservedEdge.TCP,
                edge.getMethod(),
                edge.getPathTemplate(),
                ruling(edge.getRuling()),
                edge.hasDryRun() ? Optional.of(ruling(edge.getDryRun())) : Optional.empty(),
                switch (edge.getTls()) {
                    case EDGE_TLS_MTLS -> EdgeTls.MTLS;
                    case EDGE_TLS_PLAINTEXT -> EdgeTls.PLAINTEXT;
                    case EDGE_TLS_UNSPECIFIED, UNRECOGNIZED ->
                            throw unknown("tls", edge.getTlsValue());
                },
                edge.getCount(),
                Times.instant(edge.getFirstSeen()),
                Times.instant(edge.getLastSeen()));
    }

    private static Ruling ruling(EdgeRuling ruling) {
        return new Ruling(ruling.getAllowed(), ruling.getPolicy(), ruling.getRule());
    }

    private static CommandFailed unknown(String field, int value) {
        return new CommandFailed(
                "the server's edges cannot be read by this version: " + field + ": " + value);
    }
}
