package dev.countersign.server.cli.root;

import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.RotationBlocker;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Follows a rotation on screen: a line whenever something changes, and a countdown while it waits. */
final class RotationWatch {
    private static final Duration COUNTDOWN = Duration.ofSeconds(5);

    private final PrintWriter out;
    private final Duration patience;
    private String said = "";
    private String phase = "";
    private Instant saidAt = Instant.EPOCH;
    private Optional<Instant> blockedSince = Optional.empty();
    private int exitCode;

    /**
     * @param patience how long somebody may block before that ends the watch
     */
    RotationWatch(PrintWriter out, Duration patience) {
        this.out = out;
        this.patience = patience;
    }

    /** Shows this; true when there is nothing more to see. */
    boolean isOver(GetRotationResponse status) {
        Instant now = Times.instant(status.getNow());
        if (status.getPhase().equals("STABLE")) {
            out.println(
                    "STABLE        the rotation is over, bundle epoch " + status.getBundleEpoch());
            out.println("see the roots:  countersign root list");
            out.flush();
            return true;
        }
        show(status, now);
        return blocked(status, now);
    }

    int exitCode() {
        return exitCode;
    }

    private void show(GetRotationResponse status, Instant now) {
        String line = RotationScreen.phase(status);
        String gist = line.replaceAll("\\d+ (s|min)\\b", "");
        boolean news = !gist.equals(said) || !status.getPhase().equals(phase);
        boolean due = !now.isBefore(saidAt.plus(COUNTDOWN));
        if (news || due) {
            out.println(line);
            out.flush();
            said = gist;
            phase = status.getPhase();
            saidAt = now;
        }
    }

    private boolean blocked(GetRotationResponse status, Instant now) {
        boolean somebody = status.getBlockersList().stream().anyMatch(one -> !one.hasUntil());
        if (!somebody) {
            blockedSince = Optional.empty();
            return false;
        }
        blockedSince = Optional.of(blockedSince.orElse(now));
        boolean stopped =
                status.getBlockersList().stream()
                        .map(RotationBlocker::getCode)
                        .anyMatch("STOPPED"::equals);
        if (!stopped && now.isBefore(blockedSince.get().plus(patience))) {
            return false;
        }
        RotationScreen.refusal(status).forEach(out::println);
        out.println("it goes on by itself once nobody is in the way");
        out.flush();
        exitCode = 1;
        return true;
    }
}
