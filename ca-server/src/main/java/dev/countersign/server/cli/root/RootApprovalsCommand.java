package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.AwaitedStep;
import dev.countersign.wire.v1.ListAwaitedStepsRequest;
import dev.countersign.wire.v1.ListAwaitedStepsResponse;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign root approvals}. */
@Command(
        name = "approvals",
        description = "Steps that wait for approvals: exactly what would happen, and who approved.")
final class RootApprovalsCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListAwaitedStepsResponse answer =
                admin.call(stub ->
                        stub.listAwaitedSteps(ListAwaitedStepsRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(answer);
        } else if (answer.getStepsCount() == 0) {
            output.out().println("no step waits for approval");
        } else {
            answer.getStepsList().forEach(this::print);
        }
        output.out().flush();
        return 0;
    }

    private void print(AwaitedStep step) {
        output.out().println("step " + step.getDigest());
        step.getText().lines().skip(1).forEach(line -> output.out().println("  " + line));
        output.out()
                .println(
                        "  approved by "
                                + step.getApproversCount()
                                + " of "
                                + step.getRequired()
                                + (step.getApproversCount() == 0
                                        ? ""
                                        : " (" + String.join(", ", step.getApproversList()) + ")")
                                + ", ends "
                                + Times.relative(
                                        Times.instant(step.getExpires()), clock.instant()));
    }
}
