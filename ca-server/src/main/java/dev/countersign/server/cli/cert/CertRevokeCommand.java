package dev.countersign.server.cli.cert;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.DurationConverter;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.Revocation;
import dev.countersign.wire.v1.RevokeRequest;
import dev.countersign.wire.v1.RevokeResponse;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign cert revoke}. */
@Command(
        name = "revoke",
        description = {
            "Denies an identity, a pod, a certificate or an intermediate: nothing is issued to it"
                    + " any more, agents refuse it and close what is open.",
            "Exit code 1 when some connected agent has not loaded it in time."
        })
final class CertRevokeCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @ArgGroup(multiplicity = "1")
    SubjectOption subject = new SubjectOption();

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, for whoever reads the log; 1 to 512 characters.")
    String reason = "";

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description =
                    "For so long, such as 24h; for identities and pods. What was issued before"
                            + " stays denied to its end. Default: until cert unrevoke.")
    @Nullable Duration duration;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "How long agents have to load it (default: 5s).")
    Duration wait = Duration.ofSeconds(5);

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        RevokeResponse answer =
                admin.call(stub ->
                        stub.revoke(
                                RevokeRequest.newBuilder()
                                        .setSubject(subject.message())
                                        .setReason(reason)
                                        .setForSeconds(duration == null ? 0 : duration.toSeconds())
                                        .build()));
        InForce loaded = InForce.await(admin, wait);
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer.getRevocation(), loaded);
        }
        return loaded.everywhere() ? 0 : 1;
    }

    private void print(Revocation made, InForce loaded) {
        PrintWriter out = output.out();
        out.println("revoked  " + made.getTarget() + "  (" + made.getId() + ")");
        out.println(
                "  by "
                        + made.getOrderedBy()
                        + ", "
                        + (made.hasUntil()
                                ? "until " + Times.text(made.getUntil())
                                : "until it is taken back or what it denies has ended"));
        out.println("  deny entries: " + made.getEntries() + ends(made));
        out.println("  " + loaded.text());
        out.println(
                loaded.everywhere()
                        ? "take back:  countersign cert unrevoke "
                                + subject.text()
                                + " --reason \"…\""
                        : "who has not:  countersign agent list");
        out.flush();
    }

    private String ends(Revocation made) {
        return made.hasLastEntryEnds()
                ? ", the last ends "
                        + Times.relative(Times.instant(made.getLastEntryEnds()), clock.instant())
                : "";
    }
}
