package dev.countersign.server.cli.log;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.ListLogEntriesRequest;
import dev.countersign.wire.v1.ListLogEntriesResponse;
import dev.countersign.wire.v1.LogEntry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign log list}. */
@Command(name = "list", description = "Entries, newest first.")
final class LogListCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "IDENTITY",
            defaultValue = "",
            description = "Only about this one: namespace/service-account, or a SPIFFE ID.")
    String identity = "";

    @Option(
            names = "--type",
            defaultValue = "",
            description = "Only this type, for instance INTENT, ISSUED, ISSUANCE_REFUSED.")
    String type = "";

    @Option(
            names = "--before",
            defaultValue = "0",
            description = "Only entries before this sequence number.")
    long before;

    @Option(
            names = "--limit",
            defaultValue = "50",
            description = "At most this many, 1 to 1000 (default: 50).")
    int limit = 50;

    @Override
    public Integer call() {
        ListLogEntriesResponse answer =
                admin.call(stub ->
                        stub.listLogEntries(
                                ListLogEntriesRequest.newBuilder()
                                        .setIdentity(identity)
                                        .setType(type)
                                        .setBeforeSequence(before)
                                        .setPageSize(limit)
                                        .build()));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer);
        }
        return 0;
    }

    private void print(ListLogEntriesResponse answer) {
        Table table = new Table("SEQUENCE", "TIME", "TYPE", "IDENTITY", "SERIAL");
        for (LogEntry entry : answer.getEntriesList()) {
            table.row(
                    Long.toString(entry.getSequence()),
                    Times.text(entry.getTime()),
                    entry.getType(),
                    entry.getIdentity().isEmpty() ? "-" : entry.getIdentity(),
                    entry.getSerial().isEmpty() ? "-" : entry.getSerial());
        }
        table.print(output.out());
        if (answer.getNextBeforeSequence() != 0) {
            output.out().println("more: --before " + answer.getNextBeforeSequence());
            output.out().flush();
        }
    }
}
