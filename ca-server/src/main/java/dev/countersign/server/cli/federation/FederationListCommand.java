package dev.countersign.server.cli.federation;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.ListFederationRequest;
import dev.countersign.wire.v1.ListFederationResponse;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign federation list}. */
@Command(
        name = "list",
        description =
                "Whose workloads are believed, by how many roots, and how fresh that is. Exit code 1"
                        + " when an endpoint did not answer well the last time.")
final class FederationListCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListFederationResponse answer =
                admin.call(stub -> stub.listFederation(ListFederationRequest.getDefaultInstance()));
        FederationScreen.print(output, answer, clock.instant());
        return FederationScreen.code(answer);
    }
}
