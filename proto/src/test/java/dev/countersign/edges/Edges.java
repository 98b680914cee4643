package dev.countersign.edges;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Edges of a shop, for tests. */
final class Edges {
    static final Instant T = Instant.parse("2026-03-01T10:15:02Z");
    private static final String ID = "spiffe://example.org/ns/shop/sa/";

    private Edges() {}

    static ObservedEdge http(String from, String to, String method, String path, boolean allowed) {
        return edge(ID + from, to, Map.of("app", to), true, method, path, allowed, 3);
    }

    static ObservedEdge tcp(String from, String to, boolean allowed) {
        return edge(ID + from, to, Map.of("app", to), false, "", "", allowed, 2);
    }

    static ObservedEdge plaintext(String address, String to, boolean allowed) {
        ObservedEdge like = tcp("nobody", to, allowed);
        return new ObservedEdge(
                "",
                address,
                like.destination(),
                like.labels(),
                like.observedBy(),
                like.port(),
                like.protocol(),
                "",
                "",
                like.ruling(),
                Optional.empty(),
                EdgeTls.PLAINTEXT,
                1,
                T,
                T);
    }

    static ObservedEdge edge(
            String source,
            String to,
            Map<String, String> labels,
            boolean http,
            String method,
            String path,
            boolean allowed,
            long count) {
        return new ObservedEdge(
                source,
                "",
                ID + to,
                labels,
                EdgeDirection.INBOUND,
                8080,
                http ? ObservedEdge.HTTP : ObservedEdge.TCP,
                method,
                path,
                new Ruling(allowed, "", -1),
                Optional.empty(),
                EdgeTls.MTLS,
                count,
                T,
                T);
    }
}
