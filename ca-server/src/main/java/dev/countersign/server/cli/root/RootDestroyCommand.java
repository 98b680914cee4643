package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.DestroyRootRequest;
import dev.countersign.wire.v1.DestroyRootResponse;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign root destroy}. */
@Command(
        name = "destroy",
        description = {
            "Destroys the key of a root that is out of the bundle, in the key store, for good.",
            "Refused while a certificate or an intermediate under it lives. Backups have their own",
            "copies: see to those as well."
        })
final class RootDestroyCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin Confirmation confirmation = new Confirmation();

    @Parameters(
            paramLabel = "KEYID",
            description = "Key id of a past root, as `root list` prints it.")
    @Nullable String keyId;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "For the log.")
    @Nullable String reason;

    @Override
    public Integer call() {
        confirmation.ask(
                output,
                "The key of root " + keyId + " is gone then: nothing brings it back.",
                String.valueOf(keyId));
        DestroyRootResponse answer =
                admin.callLong(stub ->
                        stub.destroyRoot(
                                DestroyRootRequest.newBuilder()
                                        .setKeyId(String.valueOf(keyId))
                                        .setReason(String.valueOf(reason))
                                        .build()));
        if (output.json()) {
            output.print(answer);
        } else {
            output.out().println("key " + answer.getKeyName() + " of root " + keyId + " destroyed");
            output.out().println("see it on record:  countersign log list --type ROOT_DESTROYED");
            output.out().flush();
        }
        return 0;
    }
}
