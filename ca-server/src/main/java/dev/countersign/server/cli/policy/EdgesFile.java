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

/** Recorded traffic, as {@code policy edges} exports it. */
final class EdgesFile {

    private static final long MAX_BYTES = 512L << 20;

    private EdgesFile() {}

    /**
     * What destinations reported; what sources did is the same traffic a second time.
     *
     * @throws PolicyFiles.UnusableFile where the file is no such export
     */
    static List<SeenRequests> read(Path file) throws PolicyFiles.UnusableFile {
        try {
            EdgeExport export = EdgeExportJson.read(PolicyFiles.read(file, MAX_BYTES));
            List<SeenRequests> seen = new ArrayList<>();
            for (ObservedEdge edge : export.edges()) {
                if (edge.observedBy() == EdgeDirection.INBOUND) {
                    account(edge.destination()).ifPresent(account -> seen.add(seen(edge, account)));
                }
            }
            return seen;
        } catch (BadEdgeExport e) {
            throw new PolicyFiles.UnusableFile(file + ": " + e.getMessage());
        }
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
        try {
            return SpiffeId.parse(id).serviceAccount();
        } catch (MalformedIdentity e) {
            return Optional.empty();
        }
    }
}
