package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.RemoveVerifierRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign root verifier remove}. */
@Command(
        name = "remove",
        description = "No rotation waits for it any more; its token is worthless.")
final class VerifierRemoveCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "NAME", description = "As it was registered.")
    String name = "";

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "For the log.")
    String reason = "";

    @Override
    public Integer call() {
        admin.call(stub ->
                stub.removeVerifier(
                        RemoveVerifierRequest.newBuilder()
                                .setName(name)
                                .setReason(reason)
                                .build()));
        output.out().println("removed " + name);
        output.out().flush();
        return 0;
    }
}
