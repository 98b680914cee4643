package dev.countersign.server.cli.policy;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.EdgeExportJson;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.wire.v1.EdgeFilter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign policy edges}. */
@Command(
        name = "edges",
        mixinStandardHelpOptions = true,
        description = {
            "Who talked to whom: every edge that agents saw in the last 30 days, with what was"
                    + " decided, by which rule, and how often (counted by day, UTC).",
            "An edge is everything alike: caller, workload, port, method, and the template of the"
                    + " path, in which {*} stands for what looks like an identifier. The workload's"
                    + " agent says what was allowed or denied, the caller's what was called, on the"
                    + " port where it dials."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy edges --to shop/orders --since 7d",
            "  countersign policy edges --decision denied",
            "  countersign policy edges --export edges.json",
            "      for `policy simulate --edges edges.json new/`, `policy suggest`, `policy diff`",
            "",
            "Exit codes: 0 listed, 1 refused, 2 usage."
        })
public final class PolicyEdgesCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin private EdgeSelection selection = new EdgeSelection();

    @Option(
            names = "--decision",
            paramLabel = "allowed|denied",
            description = "Only edges with this decision.")
    private @Nullable Verdict verdict;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description = "Write them to a file (0600) that the other commands read.")
    private @Nullable Path export;

    private final InstantSource clock = InstantSource.system();

    /** As a person writes it. */
    enum Verdict {
        allowed,
        denied
    }

    @Override
    public Integer call() {
        EdgeExport edges = EdgeInput.ask(admin, selection.request(filter(), clock));
        if (export != null) {
            write(edges, export);
        } else if (output.json()) {
            output.print(EdgeExportJson.tree(edges));
        } else {
            print(edges);
        }
        return 0;
    }

    private EdgeFilter filter() {
        if (verdict == null) {
            return EdgeFilter.EDGE_FILTER_UNSPECIFIED;
        }
        return switch (verdict) {
            case allowed -> EdgeFilter.EDGE_FILTER_ALLOWED;
            case denied -> EdgeFilter.EDGE_FILTER_DENIED;
        };
    }

    private void write(EdgeExport edges, Path file) {
        try {
            AtomicFiles.writeSecret(
                    file, EdgeExportJson.write(edges).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailed(file + ": cannot be written: " + e.getMessage(), e);
        }
        EdgeText.head(output, edges);
        output.out().println("written to " + file);
        output.out().flush();
    }

    private void print(EdgeExport edges) {
        EdgeText.head(output, edges);
        if (!edges.edges().isEmpty()) {
            Table table =
                    new Table(
                            "TO", "PORT", "FROM", "WHAT", "DECISION", "BY", "TLS", "COUNT", "LAST");
            edges.edges().forEach(edge -> row(table, edge));
            table.print(output.out());
        }
        output.out()
                .println(
                        "next: countersign policy suggest    ·    countersign policy simulate"
                                + " NEW-POLICIES/");
        output.out().flush();
    }

    /** The caller's agent decides nothing: it tells whom its program called. */
    private static String decision(ObservedEdge edge) {
        return switch (edge.observedBy()) {
            case OUTBOUND -> "called";
            case INBOUND -> edge.ruling().allowed() ? "allowed" : "denied";
        };
    }

    private static void row(Table table, ObservedEdge edge) {
        String shadow =
                edge.dryRun()
                        .filter(ruling -> ruling.allowed() != edge.ruling().allowed())
                        .map(ruling -> "; dry run: " + (ruling.allowed() ? "allowed" : "denied"))
                        .orElse("");
        table.row(
                EdgeText.name(edge.destination()),
                Integer.toString(edge.port()),
                EdgeText.caller(edge),
                edge.what(),
                decision(edge) + shadow,
                edge.observedBy() == EdgeDirection.OUTBOUND ? "" : edge.ruling().text(),
                edge.tls() == EdgeTls.MTLS ? "mTLS" : "plaintext",
                Long.toString(edge.count()),
                EdgeText.time(edge.lastSeen()));
    }
}
