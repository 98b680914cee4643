package dev.countersign.wire;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.SpiffeId;
import dev.countersign.wire.v1.Edge;
import dev.countersign.wire.v1.EdgeRuling;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reports of edges, both ways. An agent is believed about what it saw, within bounds. */
public final class EdgeCodec {
    private static final String HTTP_METHOD = "a method without spaces and control characters";

    private EdgeCodec() {}

    public static dev.countersign.wire.v1.EdgeReport encode(EdgeReport report) {
        var message =
                dev.countersign.wire.v1.EdgeReport.newBuilder()
                        .setSequence(report.sequence())
                        .setOverflowed(report.overflowed())
                        .setLast(report.last());
        report.edges().forEach(edge -> message.addEdges(encode(edge)));
        return message.build();
    }

    /** Strict: one edge out of bounds refuses the report. */
    public static EdgeReport decode(dev.countersign.wire.v1.EdgeReport message)
            throws MalformedMessage {
        if (message.getEdgesCount() > EdgeReport.MAX_EDGES) {
            throw new MalformedMessage(
                    "edges: "
                            + message.getEdgesCount()
                            + " (expected: <= "
                            + EdgeReport.MAX_EDGES
                            + ")");
        }
        List<ReportedEdge> edges = new ArrayList<>(message.getEdgesCount());
        for (Edge edge : message.getEdgesList()) {
            edges.add(decode(edge));
        }
        try {
            return new EdgeReport(
                    message.getSequence(), message.getOverflowed(), message.getLast(), edges);
        } catch (IllegalArgumentException outOfBounds) {
            throw new MalformedMessage(text(outOfBounds), outOfBounds);
        }
    }

    private static Edge encode(ReportedEdge edge) {
        Edge.Builder message =
                Edge.newBuilder()
                        .setDirection(encode(edge.direction()))
                        .setPeerPrincipal(edge.peer())
                        .setPeerAddress(edge.peerAddress())
                        .setPort(edge.port())
                        .setHttp(edge.http())
                        .setMethod(edge.method())
                        .setPath(edge.path())
                        .setRuling(encode(edge.ruling()))
                        .setTls(encode(edge.tls()))
                        .setCount(edge.count())
                        .setFirstSeen(Timestamps.encode(edge.firstSeen()))
                        .setLastSeen(Timestamps.encode(edge.lastSeen()));
        edge.dryRun().ifPresent(shadow -> message.setDryRun(encode(shadow)));
        return message.build();
    }

    private static ReportedEdge decode(Edge edge) throws MalformedMessage {
        if (!edge.hasRuling() || !edge.hasFirstSeen() || !edge.hasLastSeen()) {
            throw new MalformedMessage(
                    "ruling, first_seen or last_seen: missing (expected: all of them)");
        }
        try {
            Instant first = Timestamps.decode(edge.getFirstSeen());
            return new ReportedEdge(
                    direction(edge),
                    principal(edge.getPeerPrincipal()),
                    printable("peer_address", edge.getPeerAddress(), "an address"),
                    edge.getPort(),
                    edge.getHttp(),
                    printable("method", edge.getMethod(), HTTP_METHOD),
                    printable("path", edge.getPath(), "no spaces, no control characters"),
                    decode(edge.getRuling()),
                    edge.hasDryRun() ? Optional.of(decode(edge.getDryRun())) : Optional.empty(),
                    tls(edge),
                    edge.getCount(),
                    first,
                    Timestamps.decode(edge.getLastSeen()));
        } catch (IllegalArgumentException outOfBounds) {
            throw new MalformedMessage(text(outOfBounds), outOfBounds);
        }
    }

    private static EdgeRuling encode(Ruling ruling) {
        return EdgeRuling.newBuilder()
                .setAllowed(ruling.allowed())
                .setPolicy(ruling.policy())
                .setRule(ruling.rule())
                .build();
    }

    private static Ruling decode(EdgeRuling ruling) throws MalformedMessage {
        return new Ruling(
                ruling.getAllowed(),
                printable("policy", ruling.getPolicy(), "namespace/name"),
                ruling.getRule());
    }

    private static dev.countersign.wire.v1.EdgeDirection encode(EdgeDirection direction) {
        return switch (direction) {
            case INBOUND -> dev.countersign.wire.v1.EdgeDirection.EDGE_DIRECTION_INBOUND;
            case OUTBOUND -> dev.countersign.wire.v1.EdgeDirection.EDGE_DIRECTION_OUTBOUND;
        };
    }

    private static EdgeDirection direction(Edge edge) throws MalformedMessage {
        return switch (edge.getDirection()) {
            case EDGE_DIRECTION_INBOUND -> EdgeDirection.INBOUND;
            case EDGE_DIRECTION_OUTBOUND -> EdgeDirection.OUTBOUND;
            case EDGE_DIRECTION_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MalformedMessage(
                            "direction: " + edge.getDirectionValue() + " (expected: 1 or 2)");
        };
    }

    private static dev.countersign.wire.v1.EdgeTls encode(EdgeTls tls) {
        return switch (tls) {
            case MTLS -> dev.countersign.wire.v1.EdgeTls.EDGE_TLS_MTLS;
            case PLAINTEXT -> dev.countersign.wire.v1.EdgeTls.EDGE_TLS_PLAINTEXT;
        };
    }

    private static EdgeTls tls(Edge edge) throws MalformedMessage {
        return switch (edge.getTls()) {
            case EDGE_TLS_MTLS -> EdgeTls.MTLS;
            case EDGE_TLS_PLAINTEXT -> EdgeTls.PLAINTEXT;
            case EDGE_TLS_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MalformedMessage(
                            "tls: " + edge.getTlsValue() + " (expected: 1 or 2)");
        };
    }

    private static String principal(String text) throws MalformedMessage {
        try {
            return text.isEmpty() ? text : SpiffeId.parse(text).toString();
        } catch (MalformedIdentity malformed) {
            throw new MalformedMessage("peer_principal: " + malformed.getMessage(), malformed);
        }
    }

    /** What reaches tables, files and terminals comes from callers: it must not forge lines there. */
    private static String printable(String field, String text, String expected)
            throws MalformedMessage {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) >= 0x7f) {
                throw new MalformedMessage(
                        field + ": character " + i + " (expected: ASCII, " + expected + ")");
            }
        }
        return text;
    }

    private static String text(IllegalArgumentException refusal) {
        return String.valueOf(refusal.getMessage());
    }
}
