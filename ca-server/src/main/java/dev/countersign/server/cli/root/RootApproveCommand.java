package dev.countersign.server.cli.root;

import com.google.protobuf.ByteString;
import dev.countersign.server.authority.approval.SignedApproval;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.DurationConverter;
import dev.countersign.server.cli.Output;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ApproveStepRequest;
import dev.countersign.wire.v1.ApproveStepResponse;
import dev.countersign.wire.v1.AwaitedStep;
import dev.countersign.wire.v1.ListAwaitedStepsRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root approve}. */
@Command(
        name = "approve",
        description = {
            "Approves one step that waits (root approvals): prints exactly what would happen,"
                    + " signs",
            "its digest with your own key, and hands that in."
        },
        footer = {
            "",
            "A key, and what goes into the server's approvals.operators:",
            "  (umask 077; openssl genpkey -algorithm ed25519 -out alice.key)",
            "  openssl pkey -in alice.key -pubout -out alice.pem"
        })
final class RootApproveCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Option(
            names = "--step",
            required = true,
            paramLabel = "DIGEST",
            description = "The whole digest: compare it with the one that you were told.")
    String digest = "";

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "Yours, as in the server's approvals.operators.")
    String name = "";

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "Your private key: PKCS#8 PEM, P-256 or Ed25519, mode 0600.")
    Path key = Path.of("");

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            defaultValue = "1h",
            converter = DurationConverter.class,
            description = "How long it counts, at most 24h (default: ${DEFAULT-VALUE}).")
    Duration life = Duration.ofHours(1);

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ApprovalKey signer = ApprovalKey.read(key);
        String text = text();
        if (!output.json()) {
            text.lines().skip(1).forEach(line -> output.out().println("  " + line));
        }
        Instant until = clock.instant().plus(life).truncatedTo(ChronoUnit.SECONDS);
        ApproveStepRequest request =
                ApproveStepRequest.newBuilder()
                        .setDigest(digest)
                        .setOperator(name)
                        .setUntil(Timestamps.encode(until))
                        .setSignature(
                                ByteString.copyFrom(
                                        signer.sign(SignedApproval.message(digest, name, until))))
                        .build();
        ApproveStepResponse answer = admin.call(stub -> stub.approveStep(request));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer.getStep(), until);
        }
        return 0;
    }

    /** What the server says the step is, when that has this digest. */
    private String text() {
        return admin
                .call(stub -> stub.listAwaitedSteps(ListAwaitedStepsRequest.getDefaultInstance()))
                .getStepsList()
                .stream()
                .map(AwaitedStep::getText)
                .filter(text -> KeyIds.sha256(text.getBytes(StandardCharsets.UTF_8)).equals(digest))
                .findFirst()
                .orElseThrow(() ->
                        new CommandFailed(
                                "step: no text with digest "
                                        + digest
                                        + " (expected: one of countersign root approvals)"));
    }

    private void print(AwaitedStep step, Instant until) {
        output.out()
                .println(
                        "approved by "
                                + step.getApproversCount()
                                + " of "
                                + step.getRequired()
                                + " ("
                                + String.join(", ", step.getApproversList())
                                + "); yours until "
                                + until);
        if (step.getApproversCount() >= step.getRequired()) {
            output.out().println("next: whoever asked for the step asks again");
        }
        output.out().flush();
    }
}
