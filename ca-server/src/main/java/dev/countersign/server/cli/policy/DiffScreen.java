package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.analysis.Change;
import dev.countersign.policy.analysis.PolicyDiff;
import dev.countersign.policy.analysis.RequestClass;
import dev.countersign.policy.analysis.Unknown;
import dev.countersign.policy.analysis.Witness;
import dev.countersign.server.cli.Output;
import dev.countersign.server.distribution.OpenGuard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What two sets of policies decide differently, for people and for programs. */
final class DiffScreen {

    private static final String GAP = "   ";

    private final PolicyDiff.Result result;
    private final List<OpenGuard.Door> opened;
    private final Output output;
    private final String time;

    /**
     * @param opened policies that were a workload's last ALLOW and become DryRun
     */
    DiffScreen(PolicyDiff.Result result, List<OpenGuard.Door> opened, Output output, String time) {
        this.result = result;
        this.opened = List.copyOf(opened);
        this.output = output;
        this.time = time;
    }

    /** Lines: how much it is, each change with its witness, what to do. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        Map<String, List<Change>> alike = alike();
        lines.add(head(alike.size()));
        List<List<String>> rows = alike.values().stream().map(this::row).toList();
        int[] widths = widths(rows);
        int index = 0;
        for (List<Change> changes : alike.values()) {
            lines.add(aligned(rows.get(index++), widths));
            Witness witness = changes.getFirst().requests().witness();
            lines.add(
                    "  "
                            + output.painted(
                                    Output.Colour.FAINT,
                                    witness == null
                                            ? "unknown: no request was found that both engines"
                                                    + " confirm"
                                            : "such as " + WitnessText.line(witness)));
        }
        for (Unknown unknown : result.unknowns()) {
            lines.add(
                    output.painted(Output.Colour.CAUTION, "unknown")
                            + GAP
                            + WitnessText.printable(unknown.subject())
                            + ": "
                            + WitnessText.printable(unknown.why()));
        }
        for (OpenGuard.Door door : opened) {
            lines.add(
                    output.painted(Output.Colour.BAD, door.word())
                            + GAP
                            + door.policy().id()
                            + " becomes DryRun and is the last ALLOW of "
                            + door.place()
                            + ": "
                            + door.effect());
        }
        lines.add(next());
        return lines;
    }

    private String head(int classes) {
        return result.destinations()
                + " workloads compared in "
                + time
                + ": "
                + (classes == 0
                        ? "no request is decided differently"
                        : classes + (classes == 1 ? " change" : " changes"));
    }

    private String next() {
        long cuts = result.cuts();
        if (cuts > 0) {
            return cuts
                    + (cuts == 1 ? " change" : " changes")
                    + " would cut traffic that is flowing. Try it first:  spec.mode: DryRun";
        }
        if (result.changes().isEmpty() && result.unknowns().isEmpty()) {
            return "next: nothing to fear, apply it";
        }
        boolean looked = result.changes().stream().anyMatch(change -> change.seen() >= 0);
        return looked
                ? "next: none of what would be denied was seen; apply it, or try it first: "
                        + " spec.mode: DryRun"
                : "next: --edges FILE says which of it is flowing:  countersign policy edges";
    }

    /** Changes that differ in their destination only, together. */
    private Map<String, List<Change>> alike() {
        Map<String, List<Change>> alike = new LinkedHashMap<>();
        for (Change change : result.changes()) {
            RequestClass requests = change.requests();
            String key =
                    change.nowAllowed()
                            + requests.protocol()
                            + requests.source()
                            + WitnessText.request(requests);
            alike.computeIfAbsent(key, one -> new ArrayList<>()).add(change);
        }
        return alike;
    }

    private List<String> row(List<Change> changes) {
        Change first = changes.getFirst();
        long seen = changes.stream().mapToLong(Change::seen).sum();
        return List.of(
                WitnessText.printable(first.destination().name())
                        + (changes.size() > 1 ? " and " + (changes.size() - 1) + " more" : ""),
                first.nowAllowed() ? "denied → allowed" : "allowed → denied",
                "from " + WitnessText.printable(first.requests().source()),
                WitnessText.request(first.requests()),
                first.seen() < 0 ? "" : seen == 0 ? "never seen" : "seen " + count(seen));
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count).replace(',', ' ') + " times";
    }

    private static int[] widths(List<List<String>> rows) {
        int[] widths = new int[5];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.min(60, Math.max(widths[i], row.get(i).length()));
            }
        }
        return widths;
    }

    private String aligned(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            Output.Colour colour =
                    cell.startsWith("denied") ? Output.Colour.GOOD : Output.Colour.BAD;
            line.append(i == 1 ? output.painted(colour, cell) : cell);
            line.append(" ".repeat(Math.max(0, widths[i] - cell.length()))).append(GAP);
        }
        return line.toString().stripTrailing();
    }

    /** The same facts with stable names. */
    ObjectNode document() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("destinations", result.destinations());
        ArrayNode changes = document.putArray("changes");
        for (Change change : result.changes()) {
            ObjectNode node = changes.addObject();
            node.put("destination", change.destination().name());
            node.put("change", change.nowAllowed() ? "DENIED_TO_ALLOWED" : "ALLOWED_TO_DENIED");
            WitnessText.put(node, change.requests());
            if (change.seen() >= 0) {
                node.put("seen", change.seen());
            } else {
                node.putNull("seen");
            }
        }
        addUnknowns(document, result.unknowns());
        ArrayNode doors = document.putArray("opened");
        for (OpenGuard.Door door : opened) {
            doors.addObject()
                    .put("policy", door.policy().id())
                    .put("workload", door.place())
                    .put("leftTo", door.leftTo().toString());
        }
        document.put("wouldCut", result.cuts());
        return document;
    }

    static void addUnknowns(ObjectNode document, List<Unknown> unknowns) {
        ArrayNode array = document.putArray("unknown");
        for (Unknown one : unknowns) {
            array.addObject().put("subject", one.subject()).put("why", one.why());
        }
    }
}
