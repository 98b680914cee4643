package dev.countersign.deploy.quickstart;

import dev.countersign.deploy.quickstart.Workloads.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Scene 4: the root is replaced under traffic, by the command that an operator would type. The server
 * is killed in the middle of it and started again.
 */
final class RootScene {
    /** Agents' connections outlive many certificates: so long they may hold the old root up. */
    private static final String CONNECTIONS = "10s";

    /** The phase in which the server dies, once every agent has a fresh certificate. */
    private static final String FATAL_PHASE = "DRAINING";

    private static final String RENEWED = "DRAINING      0 agents to renew";

    private static final long AFTERWARDS_NANOS = 3_000_000_000L;

    private final Screen screen;
    private final Stage stage;
    private final Exchange exchange;

    RootScene(Screen screen, Stage stage) {
        this.screen = screen;
        this.stage = stage;
        this.exchange = stage.exchange();
    }

    void play() throws IOException, InterruptedException {
        screen.heading("4  Roots rotate under traffic");
        String before = signingRoot();
        try (Traffic traffic = new Traffic(exchange, stage.workloads().web().app())) {
            await(() -> traffic.requests() > 20);
            stage.admin("root", "rotate", "--plan", "--connection-deadline", CONNECTIONS)
                    .lines()
                    .forEach(line -> screen.line("   " + line));
            screen.line("");
            List<String> command = rotation();
            screen.line("   $ countersign " + String.join(" ", command));
            long started = System.nanoTime();
            boolean killed = follow(command, traffic);
            screen.observed(killed, "the CA was killed and started again in " + FATAL_PHASE);
            String after = signingRoot();
            screen.observed(
                    !after.equals(before) && !after.isEmpty(),
                    String.format(
                            Locale.ROOT,
                            "root %s → %s in %.1f s",
                            brief(before),
                            brief(after),
                            (System.nanoTime() - started) / 1e9));
            long until = System.nanoTime() + AFTERWARDS_NANOS;
            await(() -> System.nanoTime() > until);
            screen.observed(
                    traffic.failed() == 0 && traffic.requests() > 0,
                    traffic.requests()
                            + " requests meanwhile · "
                            + traffic.failed()
                            + " failed"
                            + (traffic.failed() > 0 ? " (" + traffic.firstFailure() + ")" : ""));
        }
        screen.observed(stage.members().stream().allMatch(this::isReady), "all 3 agents are ready");
        stage.admin("root", "list").lines().forEach(line -> screen.line("   " + line));
    }

    private static List<String> rotation() {
        return List.of("root", "rotate", "--yes", "--connection-deadline", CONNECTIONS);
    }

    /** Shows what the command prints, each line with the time and the requests so far. */
    private boolean follow(List<String> command, Traffic traffic)
            throws IOException, InterruptedException {
        boolean killed = false;
        long started = System.nanoTime();
        Process process = stage.adminProcess(command);
        try (BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                screen.line(
                        String.format(
                                Locale.ROOT,
                                "   %5.1f s  %6d requests, %d failed  %s",
                                (System.nanoTime() - started) / 1e9,
                                traffic.requests(),
                                traffic.failed(),
                                line));
                if (!killed && line.startsWith(RENEWED)) {
                    screen.line("            the CA is killed (kill -9), and started again");
                    stage.killServer();
                    stage.runServer();
                    killed = true;
                }
            }
            screen.observed(process.waitFor() == 0, "the command ends well");
        } finally {
            process.destroy();
        }
        return killed;
    }

    private boolean isReady(Member member) {
        return exchange.get(member.ops(), "/healthz/ready").status() == 200;
    }

    private String signingRoot() throws IOException {
        return stage.admin("root", "list")
                .lines()
                .filter(line -> line.startsWith("signing"))
                .map(line -> line.substring("signing".length()).strip())
                .findFirst()
                .orElse("");
    }

    private static String brief(String keyId) {
        return keyId.length() > 8 ? keyId.substring(0, 8) + "…" : keyId;
    }

    private static void await(BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!done.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
    }
}
