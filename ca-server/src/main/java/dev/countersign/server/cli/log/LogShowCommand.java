package dev.countersign.server.cli.log;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.GetLogEntryRequest;
import dev.countersign.wire.v1.LogEntry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code countersign log show}. */
@Command(name = "show", description = "One entry, whole.")
final class LogShowCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "SEQUENCE", description = "As `log list` prints it.")
    long sequence;

    @Override
    public Integer call() {
        LogEntry entry =
                admin.call(stub ->
                                stub.getLogEntry(
                                        GetLogEntryRequest.newBuilder()
                                                .setSequence(sequence)
                                                .build()))
                        .getEntry();
        if (output.json()) {
            output.print(entry);
            return 0;
        }
        output.out().println("entry     " + entry.getSequence() + "  " + entry.getType());
        output.out().println("time      " + Times.text(entry.getTime()));
        output.out().println("chain     " + entry.getChain());
        output.out().println("identity  " + entry.getIdentity());
        output.out().println("pod       " + entry.getPodUid());
        output.out().println("serial    " + entry.getSerial());
        output.out().println("hash      " + entry.getHash());
        output.out().println("body      " + entry.getBody());
        output.out().flush();
        return 0;
    }
}
