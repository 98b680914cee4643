package dev.countersign.server.cli.log;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.VerifyLogRequest;
import dev.countersign.wire.v1.VerifyLogResponse;
import java.io.Console;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign log verify}. */
@Command(
        name = "verify",
        description = "Walks every chain and compares it with the certificates on record.")
final class LogVerifyCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Override
    public Integer call() {
        VerifyLogResponse verdict =
                admin.callLong(stub -> last(stub.verifyLog(VerifyLogRequest.getDefaultInstance())));
        if (output.json()) {
            output.print(verdict);
        } else {
            print(verdict);
        }
        return verdict.getIntact() ? 0 : 1;
    }

    private VerifyLogResponse last(Iterator<VerifyLogResponse> progress) {
        VerifyLogResponse newest = VerifyLogResponse.getDefaultInstance();
        while (progress.hasNext()) {
            newest = progress.next();
            if (!output.json() && !newest.getFinished() && isTerminal()) {
                output.err().print("\rchecked " + newest.getChecked() + " of " + newest.getTotal());
                output.err().flush();
            }
        }
        return newest;
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private void print(VerifyLogResponse verdict) {
        if (verdict.getIntact()) {
            output.out().println("intact: " + verdict.getChecked() + " entries checked");
        } else {
            output.out()
                    .println(
                            "BROKEN: "
                                    + verdict.getProblemsCount()
                                    + " problems in "
                                    + verdict.getChecked()
                                    + " entries");
            verdict.getProblemsList().forEach(problem -> output.out().println("  " + problem));
            output.out()
                    .println(
                            "next: keep the database as it is, and compare it with your last"
                                    + " backup");
        }
        output.out().flush();
    }
}
