package dev.countersign.server.cli.policy;

import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.cli.Output;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Edges and windows as a person reads them. */
final class EdgeText {
    private EdgeText() {}

    /** {@code shop/web} for a service account, else as it is. */
    static String name(String identity) {
        try {
            return SpiffeId.parse(identity)
                    .serviceAccount()
                    .map(ServiceAccountName::toString)
                    .orElse(identity);
        } catch (MalformedIdentity e) {
            return identity;
        }
    }

    static String caller(ObservedEdge edge) {
        if (!edge.source().isEmpty()) {
            return name(edge.source());
        }
        return switch (edge.sourceAddress()) {
            case "" -> "(no identity)";
            case "*" -> "(no identity, many addresses)";
            case String address -> "(no identity) " + address;
        };
    }

    static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static String times(long count) {
        return count == 1 ? "once" : count + " times";
    }

    /** How much there is, of when, and whether that is all. */
    static void head(Output output, EdgeExport export) {
        output.out()
                .println(
                        export.edges().size()
                                + (export.edges().size() == 1 ? " edge" : " edges")
                                + " from "
                                + time(export.from())
                                + " to "
                                + time(export.to())
                                + (export.complete()
                                        ? ", complete"
                                        : ", "
                                                + output.painted(
                                                        Output.Colour.CAUTION, "incomplete:")));
        export.incompleteBecause().forEach(reason -> output.out().println("  " + reason));
    }
}
