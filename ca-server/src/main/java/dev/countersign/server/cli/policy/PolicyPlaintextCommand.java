package dev.countersign.server.cli.policy;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.EdgeExportJson;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Output.Colour;
import dev.countersign.server.cli.Table;
import dev.countersign.wire.v1.EdgeFilter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign policy plaintext}. */
@Command(
        name = "plaintext",
        mixinStandardHelpOptions = true,
        description = {
            "Who still speaks plaintext to whom: what a switch to STRICT would cut.",
            "A caller without a certificate has no identity, so it is named by its address."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy plaintext --since 7d",
            "  countersign policy plaintext --to shop/orders --output json",
            "",
            "Exit codes: 0 nobody, and the record is complete; 1 somebody, or nobody knows; 2 usage."
        })
public final class PolicyPlaintextCommand implements Callable<Integer> {
    private static final int UNUSABLE = 2;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin private EdgeInput input = new EdgeInput();
    @Mixin private EdgeSelection selection = new EdgeSelection();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        try {
            EdgeExport all =
                    input.read(admin, selection.request(EdgeFilter.EDGE_FILTER_PLAINTEXT, clock));
            List<ObservedEdge> plaintext =
                    all.edges().stream().filter(edge -> edge.tls() == EdgeTls.PLAINTEXT).toList();
            EdgeExport edges =
                    new EdgeExport(all.from(), all.to(), all.incompleteBecause(), plaintext);
            if (output.json()) {
                output.print(EdgeExportJson.tree(edges));
            } else {
                print(edges);
            }
            return plaintext.isEmpty() && edges.complete() ? 0 : 1;
        } catch (PolicyFiles.UnusableFile e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
    }

    private void print(EdgeExport edges) {
        EdgeText.head(output, edges);
        if (edges.edges().isEmpty()) {
            output.out()
                    .println(
                            edges.complete()
                                    ? output.painted(Colour.GOOD, "nobody speaks plaintext")
                                            + ": STRICT would cut nothing that was seen"
                                    : "nobody was seen to speak plaintext, but not everything was"
                                            + " seen");
        } else {
            Table table = new Table("FROM", "TO", "PORT", "WHAT", "DECISION", "COUNT", "LAST");
            edges.edges().forEach(edge -> row(table, edge));
            table.print(output.out());
            output.out()
                    .println(
                            "next: give these callers a sidecar, or keep their ports PERMISSIVE;"
                                    + " then  countersign policy plaintext --since 1d");
        }
        output.out().flush();
    }

    private static void row(Table table, ObservedEdge edge) {
        table.row(
                EdgeText.caller(edge),
                EdgeText.name(edge.destination()),
                Integer.toString(edge.port()),
                edge.what() + (edge.observedBy() == EdgeDirection.OUTBOUND ? " (outbound)" : ""),
                edge.ruling().allowed() ? "allowed" : "denied",
                Long.toString(edge.count()),
                EdgeText.time(edge.lastSeen()));
    }
}
