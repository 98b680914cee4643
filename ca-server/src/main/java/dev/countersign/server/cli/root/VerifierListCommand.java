package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.ExternalVerifier;
import dev.countersign.wire.v1.ListExternalVerifiersRequest;
import dev.countersign.wire.v1.ListExternalVerifiersResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign root verifier list}. */
@Command(name = "list", description = "Who is registered, and which bundle each has.")
final class VerifierListCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListExternalVerifiersResponse answer =
                admin.call(stub ->
                        stub.listExternalVerifiers(
                                ListExternalVerifiersRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(answer);
            return 0;
        }
        Instant now = clock.instant();
        Table table = new Table("NAME", "EPOCH", "SINCE", "HOW", "REGISTERED BY");
        for (ExternalVerifier one : answer.getVerifiersList()) {
            table.row(
                    one.getName(),
                    one.getEpoch() + " of " + answer.getBundleEpoch(),
                    one.hasAcknowledged()
                            ? Times.relative(Times.instant(one.getAcknowledged()), now)
                            : "never",
                    one.getHow(),
                    one.getBy());
        }
        table.print(output.out());
        output.out().flush();
        return 0;
    }
}
