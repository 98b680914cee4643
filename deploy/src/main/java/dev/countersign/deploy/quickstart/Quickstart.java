package dev.countersign.deploy.quickstart;

import dev.countersign.deploy.quickstart.Exchange.Answer;
import dev.countersign.deploy.quickstart.Workloads.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The play: reads from top to bottom as what appears on screen. */
public final class Quickstart {
    private static final String ORDER = "/ask/orders/42";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration RENEWAL = Duration.ofSeconds(40);

    /** Bounds of what certificates must have left when the CA goes away. */
    private static final Duration SHORTEST_ABSENCE = Duration.ofSeconds(6);

    private static final Duration LONGEST_ABSENCE = Duration.ofSeconds(14);

    private static final long REQUESTS_WITHOUT_CA = 100;
    private static final int REPEATS = 4;

    private final Screen screen;
    private final Stage stage;
    private final Exchange exchange;
    private final Workloads cast;

    /** How long the CA may be away: longer than it took to start here. */
    private Duration absence = LONGEST_ABSENCE;

    private Quickstart(Screen screen, Stage stage) {
        this.screen = screen;
        this.stage = stage;
        this.exchange = stage.exchange();
        this.cast = stage.workloads();
    }

    /** Arguments: the repository's folder, then {@code --once}, {@code --rotate-root}, or nothing. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> wishes = List.of(arguments).subList(1, arguments.length);
        boolean once = wishes.contains("--once");
        boolean rotation = wishes.contains("--rotate-root");
        Screen screen = new Screen(System.out);
        Stage stage = Stage.open(Path.of(arguments[0]).toAbsolutePath().normalize());
        CountDownLatch closed = new CountDownLatch(1);
        Thread interrupted =
                new Thread(() -> {
                    close(stage);
                    closed.countDown();
                });
        Runtime.getRuntime().addShutdownHook(interrupted);
        int code = new Quickstart(screen, stage).run(once, rotation);
        System.exit(code); // the hook closes the stage
    }

    private int run(boolean once, boolean rotation) throws InterruptedException {
        try {
            screen.line(
                    "Countersign quickstart · trust domain "
                            + Stage.TRUST_DOMAIN
                            + " · everything under "
                            + stage.shown(stage.home())
                            + ", Ctrl-C removes it");
            setUp();
            if (rotation) {
                new RootScene(screen, stage).play();
            } else {
                identity();
                renewal();
                policyChange();
            }
        } catch (IOException failed) {
            screen.line("");
            screen.line("failed: " + failed.getMessage());
            return 1;
        }
        screen.line("");
        if (screen.failures() > 0) {
            screen.line(
                    "failed: "
                            + screen.failures()
                            + " of the above were not as they should be (✗)");
            return 1;
        }
        if (!once) {
            stay();
        } else {
            screen.line("All of it was observed. Without --once it keeps running for you to try.");
        }
        return 0;
    }

    private void setUp() throws IOException {
        long started = System.nanoTime();
        stage.startServer();
        absence = bounded(Duration.ofNanos((System.nanoTime() - started) * 3 / 2));
        screen.step("authority", rootLine(), started);
        started = System.nanoTime();
        stage.startPrograms();
        screen.step(
                "workloads",
                "shop/web  shop/orders  shop/guest: plain HTTP programs, no TLS in them",
                started);
        started = System.nanoTime();
        stage.startAgents();
        screen.step("sidecars", "3 agents, 3 certificates issued", started);
    }

    private String rootLine() throws IOException {
        String root = "";
        for (String line : stage.admin("server", "status").lines().toList()) {
            if (line.strip().startsWith("root")) {
                root = line.strip().substring("root".length()).strip();
            }
        }
        return "root " + root.replaceFirst(", ends.*", "") + " · P-256 · SQLite";
    }

    private void identity() throws IOException, InterruptedException {
        screen.heading("1  Who may talk to whom is decided by identity");
        Answer allowed = exchange.get(cast.web().app(), ORDER);
        screen.observed(
                allowed.status() == 200,
                "web      → orders  GET /orders/42   "
                        + allowed.status()
                        + "  mTLS 1.3, peer "
                        + cast.web().id());
        Answer denied = exchange.get(cast.guest().app(), ORDER);
        String id = denied.deniedId().orElse("none");
        screen.observed(
                denied.status() == 403 && denied.deniedId().isPresent(),
                "guest    → orders  GET /orders/42   " + denied.status() + "  denied, id " + id);
        screen.observed(
                !Stranger.isPlaintextServedAt(cast.orders().inbound()),
                "curl     → orders  no certificate   refused: only mTLS is spoken there");
        screen.observed(
                !new Stranger(InstantSource.system().instant()).isServedAt(cast.orders().inbound()),
                "stranger → orders  web's name, from trust domain "
                        + Stranger.TRUST_DOMAIN
                        + "   refused at the handshake");
        explain(denied.deniedId());
        askAgain(denied.deniedId());
        edges();
        screen.line("");
        stage.admin("cert", "list").lines().forEach(line -> screen.line("   " + line));
    }

    /** Agents report denials within a second, so the reason may need a moment. */
    private void explain(Optional<String> id) throws IOException {
        if (id.isEmpty()) {
            return;
        }
        screen.line("   why?  countersign policy explain " + id.get());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String why = stage.admin("policy", "explain", id.get());
        while (!why.startsWith("DENIED") && System.nanoTime() < deadline) {
            why = stage.admin("policy", "explain", id.get());
        }
        why.lines().forEach(line -> screen.line("         " + line));
        screen.observed(why.startsWith("DENIED"), "the id leads to the full reason");
    }

    /** Repeats have ids of their own, and count under the first one's edge. */
    private void askAgain(Optional<String> id) throws IOException, InterruptedException {
        for (int i = 0; i < REPEATS; i++) {
            exchange.get(cast.guest().app(), ORDER);
        }
        String total = "the same denial " + (1 + REPEATS) + " times";
        boolean counted =
                id.isPresent() && isSaid(() -> stage.admin("policy", "explain", id.get()), total);
        screen.observed(
                counted, "asked " + REPEATS + " times more · the id's reason says: " + total);
    }

    /** Each agent reports who came in, and whom its own program calls. */
    private void edges() throws IOException, InterruptedException {
        screen.observed(
                isSaid(() -> stage.admin("policy", "edges"), "shop/web", "allowed", "called"),
                "who talks to whom is on record, told by both sides · countersign policy edges");
    }

    private boolean isSaid(Said said, String... parts) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            String text = said.text();
            if (Stream.of(parts).allMatch(text::contains)) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    /** What a command prints. */
    @FunctionalInterface
    private interface Said {
        String text() throws IOException;
    }

    private void renewal() throws IOException, InterruptedException {
        screen.heading("2  Certificates renew themselves, and the CA may be away");
        try (Traffic traffic = new Traffic(exchange, cast.web().app())) {
            Optional<String> first = serial(cast.web());
            Optional<String> second = renewed(first);
            screen.observed(
                    !second.equals(first),
                    "life " + Stage.LIFE + " · web renewed, serial " + change(first, second));
            Optional<String> kept = awayAndBack(traffic);
            Optional<String> third = renewed(kept);
            screen.observed(
                    !third.equals(kept), "web renewed again, serial " + change(kept, third));
            screen.observed(
                    traffic.failed() == 0 && traffic.requests() > 0,
                    traffic.requests()
                            + " requests meanwhile · "
                            + traffic.failed()
                            + " failed"
                            + (traffic.failed() > 0 ? " (" + traffic.firstFailure() + ")" : ""));
        }
    }

    /**
     * The server's process is killed under traffic, and started again with the data it left.
     *
     * @return the certificate of web that lasted meanwhile
     */
    private Optional<String> awayAndBack(Traffic traffic) throws IOException, InterruptedException {
        await(() -> hasTime(cast.web()) && hasTime(cast.orders()));
        stage.killServer();
        Optional<String> kept = serial(cast.web());
        long before = traffic.requests();
        await(() -> traffic.requests() - before >= REQUESTS_WITHOUT_CA);
        screen.observed(
                !stage.isServerReady() && traffic.requests() - before >= REQUESTS_WITHOUT_CA,
                "the CA is killed (kill -9): web → orders goes on, "
                        + (traffic.requests() - before)
                        + " requests without it");
        long started = System.nanoTime();
        stage.runServer();
        await(() -> stage.members().stream().allMatch(this::isSubscribed));
        screen.observed(
                stage.members().stream().allMatch(this::isSubscribed),
                "the CA is started again: all 3 agents are back after "
                        + millis(System.nanoTime() - started));
        return kept;
    }

    private static Duration bounded(Duration absence) {
        if (absence.compareTo(SHORTEST_ABSENCE) < 0) {
            return SHORTEST_ABSENCE;
        }
        return absence.compareTo(LONGEST_ABSENCE) > 0 ? LONGEST_ABSENCE : absence;
    }

    private boolean hasTime(Member member) {
        return leftOf(member).compareTo(absence) > 0;
    }

    /** Waits for another certificate of web; the same when none came. */
    private Optional<String> renewed(Optional<String> held) throws InterruptedException {
        long deadline = System.nanoTime() + RENEWAL.toNanos();
        Optional<String> now = serial(cast.web());
        while ((now.isEmpty() || now.equals(held)) && System.nanoTime() < deadline) {
            Thread.sleep(50);
            now = serial(cast.web());
        }
        return now;
    }

    private void await(BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + RENEWAL.toNanos();
        while (!done.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
    }

    private boolean isSubscribed(Member member) {
        return exchange.get(member.ops(), "/status").body().contains("\"connected\":true");
    }

    /** How long its certificate is still good; zero without one. */
    private Duration leftOf(Member member) {
        return ofStatus(member, "notAfter")
                .map(end -> Duration.between(InstantSource.system().instant(), Instant.parse(end)))
                .orElse(Duration.ZERO);
    }

    private void policyChange() throws IOException, InterruptedException {
        screen.heading("3  Policy changes bite at once");
        String file = stage.shown(stage.home().resolve("policies").resolve("orders.yaml"));
        long allowedAfter =
                edit(true, () -> exchange.get(cast.guest().app(), ORDER).status() == 200);
        screen.observed(
                allowedAfter >= 0,
                "let guest in: edited "
                        + file
                        + " · guest → orders 200 after "
                        + millis(allowedAfter));
        try (OpenConnection open = new OpenConnection(cast.guest().outboundTcp())) {
            boolean flowing = open.echoes();
            screen.observed(flowing, "guest holds a TCP connection to orders open, bytes flow");
            long deniedAfter =
                    edit(false, () -> exchange.get(cast.guest().app(), ORDER).status() == 403);
            screen.observed(
                    deniedAfter >= 0,
                    "shut guest out again · guest → orders 403 after " + millis(deniedAfter));
            screen.observed(
                    flowing && open.closesWithin(PATIENCE), "and the open connection was closed");
        }
        stage.admin("policy", "status").lines().forEach(line -> screen.line("   " + line));
    }

    /** Edits, and waits until it is seen; nanoseconds, or −1 when it took too long. */
    private long edit(boolean guestToo, BooleanSupplier seen)
            throws IOException, InterruptedException {
        long started = System.nanoTime();
        stage.writePolicy(guestToo);
        while (System.nanoTime() - started < PATIENCE.toNanos()) {
            if (seen.getAsBoolean()) {
                return System.nanoTime() - started;
            }
            Thread.sleep(5);
        }
        return -1;
    }

    private void stay() throws InterruptedException {
        String admin = stage.shown(stage.home().resolve("admin.sock"));
        screen.line("Running. Try, in another terminal:");
        screen.line("   export COUNTERSIGN_ADMIN=" + admin);
        screen.line("   deploy/bin/countersign cert list      deploy/bin/countersign agent list");
        screen.line(
                "   deploy/bin/countersign log verify     deploy/bin/countersign policy status");
        screen.line(
                "   curl -si localhost:"
                        + cast.guest().app()
                        + ORDER
                        + "       then: deploy/bin/countersign policy explain ID");
        screen.line(
                "   edit "
                        + stage.shown(stage.home().resolve("policies").resolve("orders.yaml"))
                        + " and ask again");
        screen.line(
                "   deploy/bin/countersign root rotate    replaces the root (see it as a play:"
                        + " deploy/quickstart --rotate-root)");
        screen.line("Ctrl-C to stop.");
        new CountDownLatch(1).await();
    }

    private Optional<String> serial(Member member) {
        return ofStatus(member, "serial");
    }

    private Optional<String> ofStatus(Member member, String key) {
        String status = exchange.get(member.ops(), "/status").body();
        int at = status.indexOf('"' + key + '"');
        if (at < 0) {
            return Optional.empty();
        }
        int open = status.indexOf('"', status.indexOf(':', at) + 1);
        int close = status.indexOf('"', open + 1);
        return open < 0 || close < 0
                ? Optional.empty()
                : Optional.of(status.substring(open + 1, close));
    }

    private static String change(Optional<String> from, Optional<String> to) {
        return brief(from) + " → " + brief(to);
    }

    private static String brief(Optional<String> serial) {
        return serial.map(text -> text.substring(0, Math.min(4, text.length())) + "…")
                .orElse("none");
    }

    private static String millis(long nanos) {
        return nanos < 0 ? "never" : nanos / 1_000_000 + " ms";
    }

    private static void close(Stage stage) {
        try {
            stage.close();
        } catch (IOException left) {
            System.err.println("left behind: " + left);
        }
    }
}
