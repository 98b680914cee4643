package dev.countersign.server.rpc;

import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.distribution.EdgeRecords.Query;
import dev.countersign.server.distribution.EdgeWindow;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.EdgeDirection;
import dev.countersign.wire.v1.EdgeFilter;
import dev.countersign.wire.v1.EdgeRuling;
import dev.countersign.wire.v1.ListEdgesRequest;
import dev.countersign.wire.v1.ListEdgesResponse;
import dev.countersign.wire.v1.RecordedEdge;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** One answer to ListEdges: the window first, then edges in messages of a few hundred. */
final class EdgeListing {
    private static final int BATCH = 500;

    private final AdminQuestions ask;
    private final Function<String, Optional<SpiffeId>> identity;

    /**
     * @param identity reads what a person wrote
     */
    EdgeListing(AdminQuestions ask, Function<String, Optional<SpiffeId>> identity) {
        this.ask = ask;
        this.identity = identity;
    }

    void run(ListEdgesRequest request, StreamObserver<ListEdgesResponse> answer) {
        EdgeWindow window =
                EdgeWindow.of(
                        since(request), ask.clock().instant(), ask.edges(), ask.hub().views());
        answer.onNext(ListEdgesResponse.newBuilder().setWindow(message(window)).build());
        ListEdgesResponse.Builder batch = ListEdgesResponse.newBuilder();
        ask.edges()
                .find(
                        query(request, window.since()),
                        edge -> {
                            batch.addEdges(message(edge));
                            if (batch.getEdgesCount() == BATCH) {
                                answer.onNext(batch.build());
                                batch.clear();
                            }
                        });
        if (batch.getEdgesCount() > 0) {
            answer.onNext(batch.build());
        }
    }

    private Query query(ListEdgesRequest request, Instant since) {
        EdgeFilter filter = request.getFilter();
        return new Query(
                identity.apply(request.getSource()).map(SpiffeId::toString),
                identity.apply(request.getDestination()).map(SpiffeId::toString),
                namespace(request.getNamespace()),
                switch (filter) {
                    case EDGE_FILTER_ALLOWED -> Optional.of(true);
                    case EDGE_FILTER_DENIED -> Optional.of(false);
                    case EDGE_FILTER_UNSPECIFIED, EDGE_FILTER_PLAINTEXT -> Optional.empty();
                    case UNRECOGNIZED ->
                            throw AdminGrpcService.invalid(
                                    "EDGE_FILTER",
                                    "filter: " + request.getFilterValue() + " (expected: 0..3)");
                },
                filter == EdgeFilter.EDGE_FILTER_PLAINTEXT ? Optional.of(true) : Optional.empty(),
                since);
    }

    private static Optional<Instant> since(ListEdgesRequest request) {
        if (!request.hasSince()) {
            return Optional.empty();
        }
        if (!com.google.protobuf.util.Timestamps.isValid(request.getSince())) {
            throw AdminGrpcService.invalid(
                    "SINCE", "since: out of bounds (expected: a year from 1 to 9999)");
        }
        return Optional.of(
                Instant.ofEpochSecond(
                        request.getSince().getSeconds(), request.getSince().getNanos()));
    }

    private static Optional<String> namespace(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!ServiceAccountName.isNamespace(text)) {
            throw AdminGrpcService.invalid(
                    "NAMESPACE_MALFORMED", "namespace: expected a name such as shop");
        }
        return Optional.of(text);
    }

    private static dev.countersign.wire.v1.EdgeWindow message(EdgeWindow window) {
        return dev.countersign.wire.v1.EdgeWindow.newBuilder()
                .setFrom(Timestamps.encode(window.from()))
                .setTo(Timestamps.encode(window.to()))
                .addAllIncompleteBecause(window.incompleteBecause())
                .build();
    }

    private static RecordedEdge message(ObservedEdge edge) {
        RecordedEdge.Builder message =
                RecordedEdge.newBuilder()
                        .setSource(edge.source())
                        .setSourceAddress(edge.sourceAddress())
                        .setDestination(edge.destination())
                        .putAllLabels(edge.labels())
                        .setObservedBy(
                                switch (edge.observedBy()) {
                                    case INBOUND -> EdgeDirection.EDGE_DIRECTION_INBOUND;
                                    case OUTBOUND -> EdgeDirection.EDGE_DIRECTION_OUTBOUND;
                                })
                        .setPort(edge.port())
                        .setHttp(edge.isHttp())
                        .setMethod(edge.method())
                        .setPathTemplate(edge.pathTemplate())
                        .setRuling(message(edge.ruling()))
                        .setTls(
                                edge.tls() == EdgeTls.MTLS
                                        ? dev.countersign.wire.v1.EdgeTls.EDGE_TLS_MTLS
                                        : dev.countersign.wire.v1.EdgeTls.EDGE_TLS_PLAINTEXT)
                        .setCount(edge.count())
                        .setFirstSeen(Timestamps.encode(edge.firstSeen()))
                        .setLastSeen(Timestamps.encode(edge.lastSeen()));
        edge.dryRun().ifPresent(shadow -> message.setDryRun(message(shadow)));
        return message.build();
    }

    private static EdgeRuling message(Ruling ruling) {
        return EdgeRuling.newBuilder()
                .setAllowed(ruling.allowed())
                .setPolicy(ruling.policy())
                .setRule(ruling.rule())
                .build();
    }
}
