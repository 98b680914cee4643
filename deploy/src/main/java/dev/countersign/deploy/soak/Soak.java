package dev.countersign.deploy.soak;

import dev.countersign.deploy.quickstart.Stage;
import dev.countersign.deploy.quickstart.Workloads.Member;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** A server, three programs and three agents under trouble and load, for a given time. */
public final class Soak {
    private static final Duration SETTLE = Duration.ofSeconds(60);
    private static final int SLACK = 8;

    /** Idle connections go soon, so that what stays is a leak. */
    private static final String SHORT_IDLE = "limits: {idle: 4s, poolIdle: 2s}\n";

    private static final String WATCHFUL = "-Dio.netty.leakDetection.level=paranoid";

    private final Stage stage;
    private final PrintStream out;
    private final Duration length;
    private final SplittableRandom random;
    private final Outages outages = new Outages();
    private final Outages rotations = new Outages();
    private final GuestRule guest = new GuestRule();
    private final Findings findings = new Findings();
    private final Weights weights;

    private Soak(Stage stage, PrintStream out, Duration length, long seed) {
        this.stage = stage;
        this.out = out;
        this.length = length;
        this.random = new SplittableRandom(seed);
        this.weights = new Weights(stage);
    }

    /** Arguments: the repository's folder, seconds, a seed. Exit code 1 where anything was found. */
    public static void main(String[] arguments) throws Exception {
        Stage.Setting setting =
                new Stage.Setting(
                        "soak", "60s", WATCHFUL, SHORT_IDLE, Program.class.getName(), true);
        Stage stage = Stage.open(Path.of(arguments[0]).toAbsolutePath().normalize(), setting);
        Thread interrupted = new Thread(() -> close(stage));
        Runtime.getRuntime().addShutdownHook(interrupted);
        long seed = Long.parseLong(arguments[2]);
        Duration length = Duration.ofSeconds(Long.parseLong(arguments[1]));
        System.exit(new Soak(stage, System.out, length, seed).run() ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        stage.startServer();
        stage.startPrograms();
        stage.startAgents();
        Map<String, Weights.Weight> before = new HashMap<>();
        for (Member member : stage.members()) {
            before.put(member.name(), weights.of(member));
        }
        Trouble trouble = new Trouble(stage, outages, rotations, guest, findings, random);
        List<Talker> talkers;
        try (Callers callers =
                new Callers(
                        stage.exchange(), stage.workloads(), outages, rotations, guest, findings)) {
            talkers = callers.talkers();
            underFire(trouble, callers);
            trouble.end();
        }
        for (Member member : stage.members()) {
            weigh(member, Objects.requireNonNull(before.get(member.name())));
        }
        out.println();
        trouble.made()
                .forEach((kind, times) ->
                        out.printf(Locale.ROOT, "  %-20s %d%n", Trouble.text(kind), times));
        out.printf(Locale.ROOT, "  rotations that ended %d%n", trouble.rotations());
        for (Talker one : talkers) {
            out.println("  " + one);
            if (one.heard() == 0) {
                findings.add("nothing was ever heard: " + one);
            }
        }
        findings.shown().forEach(one -> out.println("  FOUND  " + one));
        out.println(findings.count() == 0 ? "nothing was found" : findings.count() + " found");
        return findings.count() == 0;
    }

    private void underFire(Trouble trouble, Callers callers)
            throws IOException, InterruptedException {
        long started = System.nanoTime();
        Trouble.Kind kind = Trouble.Kind.REPLACE_ROOT; // takes the longest
        while (System.nanoTime() - started < length.toNanos()) {
            trouble.make(kind);
            out.printf(
                    Locale.ROOT,
                    "%6.1f s  %-20s %7d served  %6d heard  %5d denied  %4d failed while one was"
                            + " down  %d found%n",
                    (System.nanoTime() - started) / 1e9,
                    Trouble.text(kind),
                    callers.served(),
                    callers.heard(),
                    callers.denied(),
                    callers.excused(),
                    findings.count());
            Thread.sleep(random.nextLong(500, 4000));
            kind = Trouble.any(random);
        }
    }

    /** When the callers have gone, an agent holds what it held before them. */
    private void weigh(Member member, Weights.Weight before)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + SETTLE.toNanos();
        Weights.Weight now = weights.of(member);
        while (tooMuch(before, now) && System.nanoTime() - end < 0) {
            Thread.sleep(500);
            now = weights.of(member);
        }
        out.printf(Locale.ROOT, "%-7s before %s%n        after  %s%n", member.name(), before, now);
        if (tooMuch(before, now)) {
            findings.add("the agent of " + member.name() + " holds " + now + ", before " + before);
        }
        List<String> leaks = weights.leaks(member);
        leaks.forEach(line -> findings.add("the agent of " + member.name() + ": " + line));
    }

    private static boolean tooMuch(Weights.Weight before, Weights.Weight now) {
        return now.accepted() > 0
                || now.open() > 0
                || now.descriptors() > before.descriptors() + SLACK
                || now.threads() > before.threads() + SLACK;
    }

    private static void close(Stage stage) {
        try {
            stage.close();
        } catch (IOException e) {
            System.err.println("not everything could be removed: " + e.getMessage());
        }
    }
}
