package dev.countersign.deploy.soak;

import dev.countersign.deploy.quickstart.Stage;
import dev.countersign.deploy.quickstart.Workloads.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes trouble, one kind at a time, at random. Used by one thread. */
final class Trouble {
    private static final Duration IN_FORCE = Duration.ofSeconds(30);
    private static final Duration ROTATED = Duration.ofMinutes(5);
    private static final String STABLE = "STABLE";

    private static final Duration CA_AWAY = Duration.ofSeconds(5);
    private static final String EVERYWHERE = "in force at 3 of 3 agents";

    /** The kinds. */
    enum Kind {
        POLICY,
        KILL_APPLICATION,
        KILL_CALLED_AGENT,
        KILL_CALLING_AGENT,
        KILL_AUTHORITY,
        REPLACE_ROOT
    }

    private final Stage stage;
    private final Outages outages;
    private final Outages rotations;
    private final GuestRule guest;
    private final Findings findings;
    private final RandomGenerator random;
    private final Map<Kind, Integer> made = new EnumMap<>(Kind.class);
    private boolean rotating;
    private int ended;

    Trouble(
            Stage stage,
            Outages outages,
            Outages rotations,
            GuestRule guest,
            Findings findings,
            RandomGenerator random) {
        this.stage = stage;
        this.outages = outages;
        this.rotations = rotations;
        this.guest = guest;
        this.findings = findings;
        this.random = random;
    }

    static Kind any(RandomGenerator random) {
        return Kind.values()[random.nextInt(Kind.values().length)];
    }

    /** Returns when it is over, but for a rotation of the root. */
    void make(Kind kind) throws IOException, InterruptedException {
        made.merge(kind, 1, Integer::sum);
        switch (kind) {
            case POLICY -> changePolicy();
            case KILL_APPLICATION -> killApplication();
            case KILL_CALLED_AGENT -> killAgent(stage.workloads().orders());
            case KILL_CALLING_AGENT -> killAgent(stage.workloads().web());
            case KILL_AUTHORITY -> killAuthority();
            case REPLACE_ROOT -> replaceRoot();
        }
    }

    Map<Kind, Integer> made() {
        return made;
    }

    /** Rotations of the root that came to their end. */
    int rotations() {
        return ended;
    }

    /**
     * Waits for a rotation on its way. It takes two lives of certificates, and one more for each agent
     * that was killed meanwhile: until its last certificate has ended it may come back.
     */
    void end() throws IOException, InterruptedException {
        long end = System.nanoTime() + ROTATED.toNanos();
        String status = status();
        while (!status.startsWith(STABLE) && System.nanoTime() - end < 0) {
            Thread.sleep(2_000);
            status = status();
        }
        if (status.startsWith(STABLE)) {
            rotationOver();
        } else {
            findings.add(
                    "a rotation had not ended after " + ROTATED + " without trouble: " + status);
        }
    }

    /** Tells the authority, and waits until every agent has it in force. */
    private void changePolicy() throws IOException, InterruptedException {
        boolean allowed = !guest.isAllowed();
        String before = revision().orElse("");
        guest.changing();
        stage.writePolicy(allowed);
        long end = System.nanoTime() + IN_FORCE.toNanos();
        while (revision().filter(now -> !now.equals(before)).isEmpty()) {
            if (System.nanoTime() - end > 0) {
                findings.add("a change of policy was not in force after " + IN_FORCE);
                return;
            }
            Thread.sleep(50);
        }
        guest.settled(allowed);
    }

    /** The revision that is in force everywhere; empty while it is not. */
    private Optional<String> revision() throws IOException {
        return stage.admin("policy", "status")
                .lines()
                .filter(line -> line.startsWith("revision") && line.contains(EVERYWHERE))
                .map(line -> line.split(" ", 3)[1])
                .findFirst();
    }

    private void killApplication() throws IOException, InterruptedException {
        Member orders = stage.workloads().orders();
        outages.begin();
        stage.kill(orders.name());
        stage.startProgram(orders);
        outages.end();
    }

    private void killAgent(Member whose) throws IOException, InterruptedException {
        outages.begin();
        stage.kill(Stage.agent(whose));
        stage.startAgent(whose);
        outages.end();
    }

    /** Nobody who calls or is called may notice: it is no excuse. */
    private void killAuthority() throws IOException, InterruptedException {
        stage.killServer();
        Thread.sleep(random.nextLong(CA_AWAY.toMillis()));
        stage.runServer();
    }

    /** One at a time; it goes on beside other trouble, whatever is killed. */
    private void replaceRoot() throws IOException {
        if (!status().startsWith(STABLE)) {
            return;
        }
        rotationOver();
        String said =
                stage.admin("root", "rotate", "--yes", "--no-wait", "--connection-deadline", "10s");
        if (!status().startsWith(STABLE)) {
            rotating = true;
            rotations.begin();
        } else {
            findings.add("a rotation did not begin: " + said.strip());
        }
    }

    private void rotationOver() {
        if (rotating) {
            rotating = false;
            rotations.end();
            ended++;
        }
    }

    private String status() throws IOException {
        return stage.admin("root", "rotate", "--status").strip();
    }

    /** For a person. */
    static String text(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
