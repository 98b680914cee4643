package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.analysis.Destination;
import dev.countersign.policy.analysis.Reachability.Answer;
import dev.countersign.policy.analysis.RequestClass;
import dev.countersign.policy.analysis.Witness;
import dev.countersign.server.cli.Output;
import java.util.ArrayList;
import java.util.List;

/** Who may ask what of a destination, or why nobody may. */
final class ReachScreen {

    private final Destination destination;
    private final String callers;
    private final Answer answer;
    private final Output output;

    /**
     * A screen.
     *
     * @param callers as they were asked about
     */
    ReachScreen(Destination destination, String callers, Answer answer, Output output) {
        this.destination = destination;
        this.callers = callers;
        this.answer = answer;
        this.output = output;
    }

    List<String> lines() {
        String question =
                "  "
                        + WitnessText.printable(callers)
                        + " → "
                        + WitnessText.printable(destination.name());
        List<String> lines = new ArrayList<>();
        switch (answer) {
            case Answer.Reachable reachable -> {
                lines.add(output.painted(Output.Colour.GOOD, "YES") + question);
                for (RequestClass one : reachable.classes()) {
                    lines.add(
                            "  from "
                                    + WitnessText.printable(one.source())
                                    + "   "
                                    + WitnessText.request(one));
                    Witness witness = one.witness();
                    if (witness != null) {
                        lines.add("    such as " + WitnessText.line(witness));
                    }
                }
                lines.add("next: why?  countersign policy explain --from … --to … METHOD PATH");
            }
            case Answer.Unreachable unreachable -> {
                lines.add(
                        output.painted(Output.Colour.BAD, "NO")
                                + question
                                + "   proven: no such request is allowed");
                unreachable.reasons().forEach(one -> lines.add("  " + WitnessText.printable(one)));
                lines.add("next: try a change of the policies:  countersign policy diff OLD NEW");
            }
            case Answer.Unknown unknown -> {
                lines.add(output.painted(Output.Colour.CAUTION, "UNKNOWN") + question);
                unknown.because().forEach(one -> lines.add("  " + WitnessText.printable(one)));
                lines.add(
                        "next: ask about one request:  countersign policy explain --from … --to …");
            }
        }
        return lines;
    }

    ObjectNode document() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("from", callers).put("to", destination.name());
        ArrayNode classes = document.putArray("allowed");
        ArrayNode reasons = document.putArray("because");
        switch (answer) {
            case Answer.Reachable reachable -> {
                document.put("answer", "YES");
                reachable.classes().forEach(one -> WitnessText.put(classes.addObject(), one));
            }
            case Answer.Unreachable unreachable -> {
                document.put("answer", "NO");
                unreachable.reasons().forEach(reasons::add);
            }
            case Answer.Unknown unknown -> {
                document.put("answer", "UNKNOWN");
                unknown.because().forEach(reasons::add);
            }
        }
        return document;
    }
}
