package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.DurationConverter;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.PlanRotationRequest;
import dev.countersign.wire.v1.PlanRotationResponse;
import dev.countersign.wire.v1.ResumeRotationRequest;
import dev.countersign.wire.v1.RotationSubject;
import dev.countersign.wire.v1.UndoRotationRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code countersign root rotate}. */
@Command(
        name = "rotate",
        description = {
            "Puts a new root in the place of the one that signs, while traffic goes on.",
            "The server drives it: ending this command, with Ctrl-C too, leaves it going on."
        },
        footer = {
            "",
            "Phases: PREPARED, DISTRIBUTING, CANARY (with --canary), ACTIVE, DRAINING, RETIRING,",
            "STABLE. What blocks one is named; every one of them can be undone."
        })
final class RootRotateCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin Confirmation confirmation = new Confirmation();

    @ArgGroup(exclusive = true)
    @Nullable Instead instead;

    /** Instead of beginning one. */
    static final class Instead {
        @Option(
                names = "--plan",
                description = "Only say what would happen, and what would refuse now.")
        boolean plan;

        @Option(names = "--status", description = "Only say where a rotation stands.")
        boolean status;

        @Option(names = "--undo", description = "Go back, as far as the phase allows.")
        boolean undo;

        @Option(
                names = "--resume",
                description =
                        "Watch the one under way, after it was stopped, or with --override or"
                                + " --connection-deadline.")
        boolean resume;
    }

    @Option(
            names = "--canary",
            paramLabel = "SELECTOR",
            description =
                    "Who gets the new root first: namespace=NAME or label:NAME=VALUE, several"
                            + " separated by commas.")
    String canary = "";

    @Option(
            names = "--connection-deadline",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description =
                    "Connections whose peer the old root vouched for hold DRAINING up for so long;"
                            + " then they are closed (default: until the last has ended).")
    @Nullable Duration connectionDeadline;

    @Option(
            names = "--override",
            paramLabel = "POD",
            description = "Go on without this verifier, by the name that --status prints.")
    List<String> override = List.of();

    @Option(names = "--reason", paramLabel = "TEXT", description = "With --override, for the log.")
    String reason = "";

    @Option(
            names = "--bundle-key",
            description = "Rotate the key that signs bundles instead of a root.")
    boolean bundleKey;

    @Option(names = "--no-wait", description = "Do not watch it.")
    boolean noWait;

    @Option(
            names = "--patience",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description =
                    "How long somebody may block a phase until this command says so and ends"
                            + " (default: 30s).")
    Duration patience = Duration.ofSeconds(30);

    @Override
    public Integer call() throws InterruptedException {
        check();
        Instead asked = Optional.ofNullable(instead).orElseGet(Instead::new);
        if (asked.plan) {
            return plan();
        }
        if (asked.status) {
            return show(status());
        }
        if (asked.undo) {
            return undo();
        }
        if (asked.resume || !override.isEmpty()) {
            return watch(resume());
        }
        return begin();
    }

    private void check() {
        if (override.isEmpty() != reason.isEmpty()) {
            throw new ParameterException(
                    output.spec().commandLine(),
                    "--override and --reason: one without the other (expected: both)");
        }
    }

    private int plan() {
        PlanRotationResponse answer = plan(request());
        if (output.json()) {
            output.print(answer);
        } else {
            RotationScreen.plan(answer).forEach(output.out()::println);
            output.out().flush();
        }
        return answer.getRefusal().isEmpty() && answer.getBlockersCount() == 0 ? 0 : 1;
    }

    private int begin() throws InterruptedException {
        if (!confirmation.yes && !output.json()) {
            RotationScreen.plan(plan(request())).forEach(output.out()::println);
        }
        confirmation.ask(output, "", "rotate");
        BeginRotationRequest request =
                BeginRotationRequest.newBuilder()
                        .setSubject(subject())
                        .setCanary(canary)
                        .setConnectionDeadlineSeconds(deadline())
                        .build();
        return watch(admin.callLong(stub -> stub.beginRotation(request)));
    }

    private int undo() throws InterruptedException {
        return watch(
                admin.callLong(
                        stub -> stub.undoRotation(UndoRotationRequest.getDefaultInstance())));
    }

    private GetRotationResponse resume() {
        ResumeRotationRequest request =
                ResumeRotationRequest.newBuilder()
                        .addAllExclude(override)
                        .setReason(reason)
                        .setConnectionDeadlineSeconds(deadline())
                        .build();
        return admin.callLong(stub -> stub.resumeRotation(request));
    }

    private int show(GetRotationResponse status) {
        if (output.json()) {
            output.print(status);
        } else {
            RotationScreen.status(status).forEach(output.out()::println);
            output.out().flush();
        }
        return 0;
    }

    private int watch(GetRotationResponse first) throws InterruptedException {
        if (noWait || output.json()) {
            return show(first);
        }
        RotationWatch watch = new RotationWatch(output.out(), patience);
        GetRotationResponse now = first;
        while (!watch.isOver(now)) {
            Thread.sleep(POLL);
            now = next(now);
        }
        return watch.exitCode();
    }

    /** A server that is being restarted is waited for. */
    private GetRotationResponse next(GetRotationResponse last) {
        try {
            return status();
        } catch (CommandFailed away) {
            return last;
        }
    }

    private GetRotationResponse status() {
        return admin.call(stub -> stub.getRotation(GetRotationRequest.getDefaultInstance()));
    }

    private PlanRotationResponse plan(PlanRotationRequest request) {
        return admin.call(stub -> stub.planRotation(request));
    }

    private PlanRotationRequest request() {
        return PlanRotationRequest.newBuilder()
                .setSubject(subject())
                .setCanary(canary)
                .setConnectionDeadlineSeconds(deadline())
                .build();
    }

    private RotationSubject subject() {
        return bundleKey
                ? RotationSubject.ROTATION_SUBJECT_BUNDLE_KEY
                : RotationSubject.ROTATION_SUBJECT_ROOT;
    }

    private long deadline() {
        Duration given = connectionDeadline;
        return given == null ? 0 : Math.max(1, given.toSeconds());
    }
}
