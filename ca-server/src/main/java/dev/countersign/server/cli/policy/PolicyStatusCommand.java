package dev.countersign.server.cli.policy;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.GetPolicyStatusRequest;
import dev.countersign.wire.v1.GetPolicyStatusResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign policy status}. */
@Command(
        name = "status",
        description = "The policies in force, and how many agents have loaded them.")
public final class PolicyStatusCommand implements Callable<Integer> {
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
        return answer.getRefusal().isEmpty() ? 0 : 1;
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
        answer.getPoliciesList().forEach(policy -> output.out().println("  " + policy));
        if (!answer.getRefusal().isEmpty()) {
            output.out().println("newer files are refused, the set above stays in force:");
            answer.getRefusal().lines().forEach(line -> output.out().println("  " + line));
            output.out().println("next: mend the file; it is read again by itself");
        }
        output.out().flush();
    }
}
