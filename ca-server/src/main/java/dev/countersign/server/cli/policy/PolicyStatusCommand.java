package dev.countersign.server.cli.policy;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Output.Colour;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.GetPolicyStatusRequest;
import dev.countersign.wire.v1.GetPolicyStatusResponse;
import dev.countersign.wire.v1.MissingAgent;
import dev.countersign.wire.v1.PolicyStanding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign policy status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "The policies in force: for each the revision since which it says what it says, how many"
                    + " agents have loaded it, and which have not and why.",
            "Counted are the agents connected to this server whose workload a policy applies to. An"
                    + " agent says 'loaded' once its readers see the revision, not when it arrived."
        },
        footer = {
            "",
            "Exit codes: 0 every policy is loaded by every agent it applies to, 1 some is not, or newer"
                    + " files are refused, 2 usage."
        })
public final class PolicyStatusCommand implements Callable<Integer> {
    private static final int SHOWN = 10;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Override
    public Integer call() {
        GetPolicyStatusResponse answer =
                admin.call(
                        stub -> stub.getPolicyStatus(GetPolicyStatusRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer);
        }
        boolean everywhere =
                answer.getStandingsList().stream().allMatch(one -> one.getMissingCount() == 0);
        return answer.getRefusal().isEmpty() && everywhere ? 0 : 1;
    }

    private void print(GetPolicyStatusResponse answer) {
        output.out()
                .println(
                        "revision "
                                + answer.getRevision()
                                + " since "
                                + Times.text(answer.getLoaded())
                                + ", in force at "
                                + answer.getAgentsEnforcing()
                                + " of "
                                + answer.getAgentsTotal()
                                + " agents");
        Table table = new Table("POLICY", "ACTION", "SINCE REVISION", "LOADED BY", "NOT BY");
        answer.getStandingsList().forEach(one -> row(table, one));
        table.print(output.out());
        answer.getStandingsList().forEach(this::missing);
        if (!answer.getRefusal().isEmpty()) {
            output.out()
                    .println(
                            output.painted(Colour.BAD, "newer files are refused")
                                    + ", the set above stays in force:");
            answer.getRefusal().lines().forEach(line -> output.out().println("  " + line));
            output.out().println("next: mend the file; it is read again by itself");
        }
        output.out().flush();
    }

    private static void row(Table table, PolicyStanding one) {
        List<String> remarks = new ArrayList<>();
        remarks.add(one.getAction());
        if (one.getDryRun()) {
            remarks.add("dry run");
        }
        if (one.hasValidUntil()) {
            remarks.add("until " + Times.text(one.getValidUntil()));
        }
        table.row(
                one.getPolicy(),
                String.join(", ", remarks),
                Long.toString(one.getRevision()),
                one.getAgentsEnforcing() + one.getMissingCount() == 0
                        ? "applies to no connected agent"
                        : Long.toString(one.getAgentsEnforcing()),
                Integer.toString(one.getMissingCount()));
    }

    private void missing(PolicyStanding one) {
        if (one.getMissingCount() == 0) {
            return;
        }
        output.out().println(one.getPolicy() + " is not loaded by:");
        for (MissingAgent agent :
                one.getMissingList().subList(0, Math.min(SHOWN, one.getMissingCount()))) {
            output.out()
                    .println(
                            "  "
                                    + EdgeText.name(agent.getSpiffeId())
                                    + " ("
                                    + agent.getPodName()
                                    + ")  "
                                    + agent.getBecause());
        }
        if (one.getMissingCount() > SHOWN) {
            output.out()
                    .println(
                            "  and "
                                    + (one.getMissingCount() - SHOWN)
                                    + " more (all with --output json)");
        }
    }
}
