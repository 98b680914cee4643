package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.DistrustRootRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign root distrust}. */
@Command(
        name = "distrust",
        description = {
            "Takes a root out of the bundle at once: its key is known to somebody else.",
            "Another root signs from then on; agents prove who they are anew, by their tokens, and",
            "close connections whose peer the root vouched for. There is no undo."
        })
final class RootDistrustCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "KEYID", description = "Key id of the root, as `root list` prints it.")
    @Nullable String keyId;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "For the log.")
    @Nullable String reason;

    @Override
    public Integer call() {
        confirmation.ask(
                output,
                "Every certificate under root "
                        + keyId
                        + " stops being believed, at once and for good.",
                "distrust");
        GetRotationResponse answer =
                admin.callLong(stub ->
                        stub.distrustRoot(
                                DistrustRootRequest.newBuilder()
                                        .setKeyId(String.valueOf(keyId))
                                        .setReason(String.valueOf(reason))
                                        .build()));
        if (output.json()) {
            output.print(answer);
        } else {
            output.out()
                    .println(
                            "root "
                                    + keyId
                                    + " is distrusted since epoch "
                                    + answer.getBundleEpoch()
                                    + "; agents renew by their tokens");
            output.out().println("see who has loaded it:  countersign agent list");
            output.out().flush();
        }
        return 0;
    }
}
