package dev.countersign.server.cli.policy;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.Denial;
import dev.countersign.wire.v1.GetDenialRequest;
import dev.countersign.wire.v1.GetDenialResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code countersign policy explain ID}. */
@Command(
        name = "explain",
        description = "Why a request was denied, by the id that its caller was told.")
public final class PolicyExplainCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "ID", description = "From the x-countersign-denied header.")
    String id = "";

    @Override
    public Integer call() {
        GetDenialResponse answer =
                admin.call(stub ->
                        stub.getDenial(GetDenialRequest.newBuilder().setId(id.strip()).build()));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer);
        }
        return 0;
    }

    private void print(GetDenialResponse answer) {
        Denial denial = answer.getDenial();
        output.out()
                .println(
                        "DENIED  "
                                + caller(denial)
                                + " → "
                                + denial.getDestinationNamespace()
                                + "/"
                                + denial.getDestinationServiceAccount()
                                + ":"
                                + denial.getDestinationPort()
                                + "  "
                                + what(denial)
                                + "   "
                                + Times.text(denial.getFirstSeen())
                                + "  revision "
                                + denial.getRevision());
        output.out().println("  " + denial.getReason());
        denial.getExplanation().lines().forEach(line -> output.out().println("  " + line));
        output.out()
                .println(
                        "  the same denial "
                                + answer.getSameEdgeCount()
                                + " times in the last 24 h, first at "
                                + Times.text(answer.getSameEdgeFirstSeen()));
        output.out().flush();
    }

    private static String caller(Denial denial) {
        return denial.getSourcePrincipal().isEmpty()
                ? "a caller without identity at " + denial.getSourceAddress()
                : denial.getSourcePrincipal();
    }

    private static String what(Denial denial) {
        return denial.getMethod().isEmpty()
                ? denial.getProtocol()
                : denial.getMethod() + " " + denial.getPath();
    }
}
