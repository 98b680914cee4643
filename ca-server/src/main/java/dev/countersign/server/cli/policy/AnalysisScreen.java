package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.analysis.Finding;
import dev.countersign.policy.analysis.PolicyAnalysis;
import dev.countersign.policy.analysis.Unknown;
import dev.countersign.policy.analysis.Witness;
import dev.countersign.server.cli.Output;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a set of policies, for people and for programs. */
final class AnalysisScreen {

    private static final int MOST_NOTES = 20;

    private final PolicyAnalysis.Result result;
    private final List<Finding> findings;
    private final Output output;
    private final String time;
    private final boolean all;

    /**
     * A screen.
     *
     * @param findings those that are not ignored
     * @param all whether every note is shown
     */
    AnalysisScreen(
            PolicyAnalysis.Result result,
            List<Finding> findings,
            Output output,
            String time,
            boolean all) {
        this.result = result;
        this.findings = List.copyOf(findings);
        this.output = output;
        this.time = time;
        this.all = all;
    }

    long bad() {
        return findings.stream().filter(one -> one.code().bad()).count();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        long notes = findings.size() - bad();
        lines.add(
                result.policies()
                        + " policies, "
                        + result.destinations()
                        + " workloads of "
                        + result.classes()
                        + " kinds, analysed in "
                        + time
                        + ": "
                        + bad()
                        + " likely mistakes, "
                        + notes
                        + " notes");
        int shown = 0;
        for (Finding finding : findings) {
            boolean isNote = !finding.code().bad();
            if (isNote && shown++ >= MOST_NOTES && !all) {
                continue;
            }
            add(finding, lines);
        }
        for (Unknown unknown : result.unknowns()) {
            lines.add(
                    output.painted(Output.Colour.CAUTION, "unknown")
                            + "  "
                            + WitnessText.printable(unknown.subject())
                            + ": "
                            + WitnessText.printable(unknown.why()));
        }
        lines.add(next(notes));
        return lines;
    }

    private String next(long notes) {
        if (bad() > 0) {
            return "next: mend these, or say that one is meant:  --ignore CODE";
        }
        return notes > MOST_NOTES && !all
                ? "next: --all shows the other " + (notes - MOST_NOTES) + " notes"
                : "next: what would a change do?  countersign policy diff OLD NEW";
    }

    private void add(Finding finding, List<String> lines) {
        boolean bad = finding.code().bad();
        lines.add(
                output.painted(bad ? Output.Colour.BAD : Output.Colour.FAINT, bad ? "bad " : "note")
                        + "  "
                        + finding.code()
                        + "  "
                        + WitnessText.printable(finding.subject())
                        + "  "
                        + WitnessText.printable(finding.detail()));
        String places = finding.places().toString();
        if (!places.isEmpty() && !places.equals(finding.subject())) {
            lines.add("        at " + WitnessText.printable(places));
        }
        Witness witness = finding.witness();
        if (witness != null) {
            lines.add("        such as " + WitnessText.line(witness));
        }
    }

    ObjectNode document() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("policies", result.policies());
        document.put("workloads", result.destinations());
        document.put("kinds", result.classes());
        document.put("bad", bad());
        ArrayNode array = document.putArray("findings");
        for (Finding finding : findings) {
            ObjectNode node = array.addObject();
            node.put("code", finding.code().name())
                    .put("bad", finding.code().bad())
                    .put("subject", finding.subject())
                    .put("detail", finding.detail());
            finding.related().forEach(node.putArray("related")::add);
            finding.places().names().forEach(node.putArray("workloads")::add);
            node.put("workloadCount", finding.places().count());
            Witness witness = finding.witness();
            node.set("witness", witness == null ? null : WitnessText.document(witness));
        }
        DiffScreen.addUnknowns(document, result.unknowns());
        return document;
    }
}
