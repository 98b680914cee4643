package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.EdgeExportJson;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Suggester;
import dev.countersign.edges.Suggestion;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Output.Colour;
import dev.countersign.wire.v1.EdgeFilter;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign policy suggest}. */
@Command(
        name = "suggest",
        mixinStandardHelpOptions = true,
        description = {
            "Least-privilege ALLOW policies for the traffic that was seen to be allowed: one policy a"
                    + " workload, each line with how often and when what it rests on was seen.",
            "Policies go to standard output; coverage, and what they would deny, to standard error."
                    + " The same edges give the same text."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy suggest --namespace shop > new/shop.yaml",
            "  countersign policy suggest --edges edges.json --partial > new/all.yaml",
            "  countersign policy simulate new/",
            "",
            "Exit codes: 0 suggested, 1 the record is incomplete and --partial is not given, 2 usage."
        })
public final class PolicySuggestCommand implements Callable<Integer> {
    private static final int INCOMPLETE = 1;
    private static final int UNUSABLE = 2;
    private static final int SHOWN = 20;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin private EdgeInput input = new EdgeInput();
    @Mixin private EdgeSelection selection = new EdgeSelection();
    @Mixin private MeshInput mesh = new MeshInput();

    @Option(
            names = "--partial",
            description = "Suggest from an incomplete record: what it misses would be denied.")
    private boolean partial;

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        try {
            EdgeExport export =
                    input.read(admin, selection.request(EdgeFilter.EDGE_FILTER_UNSPECIFIED, clock));
            if (!export.complete() && !partial) {
                return refuse(export);
            }
            Suggestion suggestion =
                    new Suggester(mesh.read(input, export, admin), clock).suggest(export.edges());
            if (output.json()) {
                output.print(document(export, suggestion));
            } else {
                output.out().print(suggestion.yaml());
                output.out().flush();
                print(export, suggestion);
            }
            return 0;
        } catch (PolicyFiles.UnusableFile e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
    }

    private int refuse(EdgeExport export) {
        PrintWriter err = output.err();
        err.println(
                "refused: the record of "
                        + EdgeText.time(export.from())
                        + " to "
                        + EdgeText.time(export.to())
                        + " is incomplete, and what it misses would be denied:");
        export.incompleteBecause().forEach(reason -> err.println("  " + reason));
        err.println(
                "wait, mend it, narrow it with --since, or take it as it is:  countersign policy"
                        + " suggest --partial");
        err.flush();
        return INCOMPLETE;
    }

    private void print(EdgeExport export, Suggestion suggestion) {
        PrintWriter err = output.err();
        int allowed = suggestion.coveredEdges() + suggestion.left().size();
        err.println(
                suggestion.policies().size()
                        + (suggestion.policies().size() == 1
                                ? " policy covers "
                                : " policies cover ")
                        + suggestion.coveredEdges()
                        + " of "
                        + allowed
                        + " allowed edges (seen "
                        + EdgeText.times(suggestion.coveredCount())
                        + "), "
                        + EdgeText.time(export.from())
                        + " to "
                        + EdgeText.time(export.to()));
        export.incompleteBecause()
                .forEach(reason ->
                        err.println(output.painted(Colour.CAUTION, "incomplete: ") + reason));
        suggestion.left().stream()
                .limit(SHOWN)
                .forEach(left ->
                        err.println(
                                output.painted(Colour.BAD, "would deny  ")
                                        + line(left.edge())
                                        + "  "
                                        + left.because()));
        more(err, suggestion.left().size(), "that they would deny");
        suggestion.opened().stream()
                .limit(SHOWN)
                .forEach(edge ->
                        err.println(
                                output.painted(Colour.CAUTION, "would allow ")
                                        + line(edge)
                                        + "  was denied when it was seen"));
        more(err, suggestion.opened().size(), "that they would allow");
        err.println("next: read them, then  countersign policy simulate NEW-POLICIES/");
        err.flush();
    }

    private static void more(PrintWriter err, int all, String what) {
        if (all > SHOWN) {
            err.println("and " + (all - SHOWN) + " more " + what + " (all with --output json)");
        }
    }

    private static String line(ObservedEdge edge) {
        return EdgeText.caller(edge)
                + " → "
                + EdgeText.name(edge.destination())
                + ":"
                + edge.port()
                + "  "
                + edge.what()
                + "  seen "
                + EdgeText.times(edge.count());
    }

    private static ObjectNode document(EdgeExport export, Suggestion suggestion) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("complete", export.complete());
        ArrayNode because = document.putArray("incompleteBecause");
        export.incompleteBecause().forEach(because::add);
        document.put("coveredEdges", suggestion.coveredEdges());
        document.put("coveredCount", suggestion.coveredCount());
        document.put("allowedEdges", suggestion.coveredEdges() + suggestion.left().size());
        ArrayNode policies = document.putArray("policies");
        for (Suggestion.Policy policy : suggestion.policies()) {
            policies.addObject()
                    .put("namespace", policy.namespace())
                    .put("name", policy.name())
                    .put("yaml", policy.yaml());
        }
        ArrayNode left = document.putArray("wouldDeny");
        for (Suggestion.Left one : suggestion.left()) {
            ObjectNode row = left.addObject();
            row.set("edge", EdgeExportJson.edge(one.edge()));
            row.put("because", one.because());
        }
        ArrayNode opened = document.putArray("wouldAllow");
        suggestion.opened().forEach(edge -> opened.add(EdgeExportJson.edge(edge)));
        return document;
    }
}
