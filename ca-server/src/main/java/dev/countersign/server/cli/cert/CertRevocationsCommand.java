package dev.countersign.server.cli.cert;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.ListRevocationsRequest;
import dev.countersign.wire.v1.ListRevocationsResponse;
import dev.countersign.wire.v1.Revocation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign cert revocations}. */
@Command(name = "revocations", description = "Who is denied, since when, by whom and why.")
final class CertRevocationsCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListRevocationsResponse answer =
                admin.call(
                        stub -> stub.listRevocations(ListRevocationsRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer);
        }
        return 0;
    }

    private void print(ListRevocationsResponse answer) {
        if (answer.getRevocationsCount() == 0) {
            output.out().println("nobody is denied");
            output.out().flush();
            return;
        }
        Instant now = clock.instant();
        Table table = new Table("ID", "TARGET", "SINCE", "BY", "UNTIL", "ENTRIES", "REASON");
        for (Revocation one : answer.getRevocationsList()) {
            table.row(
                    one.getId(),
                    one.getTarget(),
                    Times.relative(Times.instant(one.getAt()), now),
                    one.getOrderedBy(),
                    until(one, now),
                    Long.toString(one.getEntries()),
                    one.getReason());
        }
        table.print(output.out());
        output.out()
                .println(
                        answer.getEntries()
                                + " of at most "
                                + answer.getMaxEntries()
                                + " deny entries are with the agents");
        output.out().flush();
    }

    private static String until(Revocation one, Instant now) {
        if (one.hasUntil()) {
            return Times.relative(Times.instant(one.getUntil()), now);
        }
        boolean toItsEnd =
                one.getTarget().startsWith("certificate ") || one.getTarget().startsWith("issuer ");
        return toItsEnd && one.hasLastEntryEnds()
                ? Times.relative(Times.instant(one.getLastEntryEnds()), now)
                : "taken back";
    }
}
