package dev.countersign.server.cli.cert;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.DurationConverter;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.Revocation;
import dev.countersign.wire.v1.UnrevokeRequest;
import dev.countersign.wire.v1.UnrevokeResponse;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign cert unrevoke}. */
@Command(
        name = "unrevoke",
        description = {
            "Takes back what cert revoke ordered about this subject: its certificates are believed"
                    + " again.",
            "Exit code 1 when some connected agent has not loaded it in time."
        })
final class CertUnrevokeCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @ArgGroup(multiplicity = "1")
    SubjectOption subject = new SubjectOption();

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, for whoever reads the log.")
    String reason = "";

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "How long agents have to load it (default: 5s).")
    Duration wait = Duration.ofSeconds(5);

    @Override
    public Integer call() {
        UnrevokeResponse answer =
                admin.call(stub ->
                        stub.unrevoke(
                                UnrevokeRequest.newBuilder()
                                        .setSubject(subject.message())
                                        .setReason(reason)
                                        .build()));
        InForce loaded = InForce.await(admin, wait);
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer.getRevocation(), loaded);
        }
        return loaded.everywhere() ? 0 : 1;
    }

    private void print(Revocation before, InForce loaded) {
        PrintWriter out = output.out();
        out.println("taken back  " + before.getTarget() + "  (" + before.getId() + ")");
        out.println(
                "  it was revoked by "
                        + before.getOrderedBy()
                        + " at "
                        + Times.text(before.getAt())
                        + ": "
                        + before.getReason());
        out.println("  " + loaded.text());
        out.println("what is still denied:  countersign cert revocations");
        out.flush();
    }
}
