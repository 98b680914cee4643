package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.edges.EdgeExport;
import dev.countersign.edges.EdgeExportJson;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Simulation;
import dev.countersign.edges.Simulation.Fate;
import dev.countersign.edges.Simulation.Outcome;
import dev.countersign.policy.Decision;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Output.Colour;
import dev.countersign.wire.v1.EdgeFilter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code countersign policy simulate NEW…}. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Recorded traffic against a new set of policies: what flowed and would be denied, what"
                    + " was denied and would flow, how often it was seen, and by which rule.",
            "NEW is the whole new set, as it would stand at the server. An edge records no headers,"
                    + " hosts, tokens and addresses, and many paths under one template: where a rule"
                    + " looks at those, the answer is 'perhaps', with what it depends on."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy simulate new/",
            "  countersign policy edges --export edges.json",
            "  countersign policy simulate --edges edges.json new/",
            "",
            "Exit codes: 0 nothing that flowed would be denied, 1 something would, or perhaps, or a"
                    + " policy is refused, 2 usage."
        })
public final class PolicySimulateCommand implements Callable<Integer> {
    private static final int UNUSABLE = 2;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin private EdgeInput input = new EdgeInput();
    @Mixin private EdgeSelection selection = new EdgeSelection();
    @Mixin private MeshInput mesh = new MeshInput();

    @Parameters(
            arity = "1..*",
            paramLabel = "NEW",
            description = "Policy files, or directories of .yaml, .yml and .json files.")
    private List<Path> files = List.of();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        try {
            NewPolicies policies = NewPolicies.read(files);
            EdgeExport export =
                    input.read(admin, selection.request(EdgeFilter.EDGE_FILTER_UNSPECIFIED, clock));
            MeshSettings settings = mesh.read(input, export, admin);
            Simulation simulation =
                    new Simulation(
                            settings,
                            policies.policies(),
                            new PeerAuthentications(settings, policies.peers()),
                            clock);
            return report(export, export.edges().stream().map(simulation::decide).toList());
        } catch (PolicyFiles.UnusableFile e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
    }

    private int report(EdgeExport export, List<Outcome> outcomes) {
        Tallies tallies = new Tallies();
        List<Outcome> changes = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            tallies.of(outcome.fate()).add(outcome.edge());
            if (isChange(outcome.fate())) {
                changes.add(outcome);
            }
        }
        if (output.json()) {
            output.print(document(export, tallies, changes));
        } else {
            print(export, tallies, changes);
        }
        boolean cut = tallies.of(Fate.NEWLY_DENIED).edges + tallies.of(Fate.MAYBE_DENIED).edges > 0;
        return cut ? 1 : 0;
    }

    private static boolean isChange(Fate fate) {
        return switch (fate) {
            case NEWLY_DENIED, MAYBE_DENIED, NEWLY_ALLOWED, MAYBE_ALLOWED -> true;
            case STILL_ALLOWED, STILL_DENIED, NOT_DECIDED -> false;
        };
    }

    private void print(EdgeExport export, Tallies tallies, List<Outcome> changes) {
        EdgeText.head(output, export);
        changes.forEach(this::print);
        output.out()
                .println(
                        tallies.of(Fate.NEWLY_DENIED).text()
                                + " that flowed would be denied, "
                                + tallies.of(Fate.MAYBE_DENIED).text()
                                + " perhaps; "
                                + tallies.of(Fate.NEWLY_ALLOWED).text()
                                + " that were denied would flow, "
                                + tallies.of(Fate.MAYBE_ALLOWED).text()
                                + " perhaps; "
                                + (tallies.of(Fate.STILL_ALLOWED).edges
                                        + tallies.of(Fate.STILL_DENIED).edges)
                                + " stay as they are");
        output.out()
                .println(
                        tallies.of(Fate.NEWLY_DENIED).edges > 0
                                ? "next: add what is missing, or put the policies in force with"
                                        + " spec.mode: DryRun and read the dry run in `countersign"
                                        + " policy edges`"
                                : "next: put them in force; `countersign policy status` says where"
                                        + " they are");
        output.out().flush();
    }

    private void print(Outcome outcome) {
        ObservedEdge edge = outcome.edge();
        output.out()
                .println(
                        "  "
                                + EdgeText.name(edge.destination())
                                + ":"
                                + edge.port()
                                + "   "
                                + change(outcome.fate())
                                + "   from "
                                + EdgeText.caller(edge)
                                + "   "
                                + edge.what()
                                + "   seen "
                                + EdgeText.times(edge.count())
                                + ", last "
                                + EdgeText.time(edge.lastSeen())
                                + "   "
                                + by(outcome));
        outcome.because().forEach(reason -> output.out().println("      depends on " + reason));
    }

    private String change(Fate fate) {
        return switch (fate) {
            case NEWLY_DENIED -> output.painted(Colour.BAD, "allowed → denied");
            case MAYBE_DENIED -> output.painted(Colour.CAUTION, "allowed → perhaps denied");
            case NEWLY_ALLOWED -> output.painted(Colour.CAUTION, "denied → allowed");
            case MAYBE_ALLOWED -> output.painted(Colour.CAUTION, "denied → perhaps allowed");
            case STILL_ALLOWED, STILL_DENIED, NOT_DECIDED -> "unchanged";
        };
    }

    private static String by(Outcome outcome) {
        return outcome.decision()
                .map(decision ->
                        decision.policy().isEmpty()
                                ? decision.reason().toString()
                                : decision.policy() + " rule " + decision.ruleIndex())
                .orElse("");
    }

    private static ObjectNode document(EdgeExport export, Tallies tallies, List<Outcome> changes) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.putObject("window")
                .put("from", export.from().toString())
                .put("to", export.to().toString());
        document.put("complete", export.complete());
        ArrayNode because = document.putArray("incompleteBecause");
        export.incompleteBecause().forEach(because::add);
        ObjectNode summary = document.putObject("summary");
        for (Fate fate : Fate.values()) {
            summary.putObject(fate.toString())
                    .put("edges", tallies.of(fate).edges)
                    .put("count", tallies.of(fate).count);
        }
        ArrayNode rows = document.putArray("changes");
        changes.forEach(outcome -> rows.add(document(outcome)));
        return document;
    }

    private static ObjectNode document(Outcome outcome) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.put("fate", outcome.fate().toString());
        row.set("edge", EdgeExportJson.edge(outcome.edge()));
        if (outcome.decision().isPresent()) {
            Decision decision = outcome.decision().get();
            row.putObject("by")
                    .put("reason", decision.reason().toString())
                    .put("policy", decision.policy())
                    .put("rule", decision.ruleIndex());
        }
        ArrayNode because = row.putArray("dependsOn");
        outcome.because().forEach(because::add);
        return row;
    }

    /** One tally a fate. */
    private static final class Tallies {
        private final Map<Fate, Tally> byFate = new EnumMap<>(Fate.class);

        Tally of(Fate fate) {
            return byFate.computeIfAbsent(fate, none -> new Tally());
        }
    }

    /** Edges of one fate. */
    private static final class Tally {
        private int edges;
        private long count;

        void add(ObservedEdge edge) {
            edges++;
            count += edge.count();
        }

        String text() {
            return edges
                    + (edges == 1 ? " edge" : " edges")
                    + (edges == 0 ? "" : " (seen " + EdgeText.times(count) + ")");
        }
    }
}
