package dev.countersign.server.cli.federation;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.ListFederationResponse;
import dev.countersign.wire.v1.RefreshFederationRequest;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code countersign federation refresh}. */
@Command(
        name = "refresh",
        description = "Fetches a domain's bundle now, instead of when its own hint says so.")
final class FederationRefreshCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "TRUST-DOMAIN", description = "As the configuration has it.")
    String trustDomain = "";

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListFederationResponse answer =
                admin.call(stub ->
                        stub.refreshFederation(
                                RefreshFederationRequest.newBuilder()
                                        .setTrustDomain(trustDomain)
                                        .build()));
        FederationScreen.print(output, answer, clock.instant());
        return FederationScreen.code(answer);
    }
}
