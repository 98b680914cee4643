package dev.countersign.server.cli.policy;

import dev.countersign.edges.BadEdgeExport;
import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.EdgeExportJson;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.SeenRequests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recorded traffic, as {@code policy edges} exports it.
 *
 * @param trustDomain of the destinations; empty where there is none
 * @param seen what destinations reported; what sources did is the same traffic a second time
 */
record EdgesFile(String trustDomain, List<SeenRequests> seen) {

    /** No traffic. */
    static final EdgesFile NONE = new EdgesFile("", List.of());

    private static final long MAX_BYTES = 512L << 20;

    EdgesFile {
        seen = List.copyOf(seen);
    }

    /**
     * Reads a file.
     *
     * @throws PolicyFiles.UnusableFile where the file is no such export
     */
    static EdgesFile read(Path file) throws PolicyFiles.UnusableFile {
        try {
            EdgeExport export = EdgeExportJson.read(PolicyFiles.read(file, MAX_BYTES));
            List<SeenRequests> seen = new ArrayList<>();
            for (ObservedEdge edge : export.edges()) {
                if (edge.observedBy() == EdgeDirection.INBOUND) {
                    account(edge.destination()).ifPresent(account -> seen.add(seen(edge, account)));
                }
            }
            return new EdgesFile(trustDomain(export), seen);
        } catch (BadEdgeExport e) {
            throw new PolicyFiles.UnusableFile(file + ": " + e.getMessage());
        }
    }

    /** Of the destinations of an export; empty where it has none with an identity. */
    static String trustDomain(EdgeExport export) {
        return export.edges().stream()
                .map(ObservedEdge::destination)
                .flatMap(destination -> identity(destination).stream())
                .map(id -> id.trustDomain().name())
                .findFirst()
                .orElse("");
    }

    private static SeenRequests seen(ObservedEdge edge, ServiceAccountName account) {
        String source = edge.source();
        return new SeenRequests(
                source.isEmpty()
                        ? null
                        : source.startsWith(SpiffeId.SCHEME)
                                ? source.substring(SpiffeId.SCHEME.length())
                                : source,
                new Workload(account.namespace(), account.name(), edge.labels()),
                !edge.labels().isEmpty(),
                edge.port(),
                edge.isHttp() ? edge.method() : null,
                edge.isHttp() ? edge.pathTemplate() : null,
                edge.ruling().allowed(),
                edge.count());
    }

    private static Optional<ServiceAccountName> account(String id) {
        return identity(id).flatMap(SpiffeId::serviceAccount);
    }

    /** Empty for an address: it is outside of the mesh. */
    private static Optional<SpiffeId> identity(String text) {
        try {
            return Optional.of(SpiffeId.parse(text));
        } catch (MalformedIdentity e) {
            return Optional.empty();
        }
    }
}
