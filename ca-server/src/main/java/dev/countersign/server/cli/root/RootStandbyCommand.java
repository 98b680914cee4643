package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.ChangeStandbyRootRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root standby}. */
@Command(
        name = "standby",
        description = {
            "A further root in every bundle that signs nothing yet: the next rotation, and a"
                    + " distrust,",
            "then need no distribution."
        })
final class RootStandbyCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Option(names = "--remove", description = "Take it away again.")
    boolean remove;

    @Override
    public Integer call() {
        GetRotationResponse answer =
                admin.callLong(stub ->
                        stub.changeStandbyRoot(
                                ChangeStandbyRootRequest.newBuilder().setAdd(!remove).build()));
        if (output.json()) {
            output.print(answer);
        } else {
            output.out()
                    .println(
                            (remove ? "no standby root" : "a standby root is in the bundle")
                                    + " since epoch "
                                    + answer.getBundleEpoch()
                                    + "; see it:  countersign root list");
            output.out().flush();
        }
        return 0;
    }
}
