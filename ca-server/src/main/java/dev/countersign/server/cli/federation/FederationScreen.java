package dev.countersign.server.cli.federation;

import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.FederatedDomain;
import dev.countersign.wire.v1.ListFederationResponse;
import java.time.Instant;

/** One line a domain, and what is wrong below. */
final class FederationScreen {
    private FederationScreen() {}

    static void print(Output output, ListFederationResponse answer, Instant now) {
        if (output.json()) {
            output.print(answer);
            return;
        }
        Table table = new Table("TRUST DOMAIN", "ROOTS", "SEQUENCE", "FETCHED", "PROFILE", "URL");
        for (FederatedDomain one : answer.getDomainsList()) {
            table.row(
                    one.getTrustDomain(),
                    one.getRoots() == 0 ? "none" : Integer.toString(one.getRoots()),
                    Long.toString(one.getSequence()),
                    one.hasFetched()
                            ? Times.relative(Times.instant(one.getFetched()), now)
                            : "not yet",
                    one.getProfile(),
                    one.getUrl());
        }
        table.print(output.out());
        answer.getDomainsList().stream()
                .filter(one -> !one.getProblem().isEmpty())
                .forEach(one ->
                        output.out().println(one.getTrustDomain() + ": " + one.getProblem()));
        output.out().flush();
    }

    /** Whether each endpoint answered well the last time. */
    static int code(ListFederationResponse answer) {
        return answer.getDomainsList().stream().allMatch(one -> one.getProblem().isEmpty()) ? 0 : 1;
    }
}
