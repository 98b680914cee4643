package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One rotation under way.
 *
 * @param id random, for the log
 * @param begun when
 * @param by who began it
 * @param plan as it was begun
 * @param exclusions verifiers that are not waited for
 * @param back whether it is being undone: then the change was turned round
 * @param stopped why the auditor stopped it; empty = it goes on by itself
 */
public record Rotation(
        String id,
        Instant begun,
        String by,
        RotationPlan plan,
        List<Exclusion> exclusions,
        boolean back,
        Optional<String> stopped) {
    public Rotation {
        exclusions = List.copyOf(exclusions);
    }

    public static Rotation begin(String id, Instant begun, String by, RotationPlan plan) {
        return new Rotation(id, begun, by, plan, List.of(), false, Optional.empty());
    }

    public boolean excludes(String verifier) {
        return exclusions.stream().anyMatch(exclusion -> exclusion.verifier().equals(verifier));
    }

    public Rotation excluding(Exclusion exclusion) {
        List<Exclusion> more = new ArrayList<>(exclusions);
        more.add(exclusion);
        return new Rotation(id, begun, by, plan, more, back, stopped);
    }

    public Rotation stopped(String reason) {
        return new Rotation(id, begun, by, plan, exclusions, back, Optional.of(reason));
    }

    public Rotation resumed() {
        return new Rotation(id, begun, by, plan, exclusions, back, Optional.empty());
    }

    public Rotation withConnectionDeadline(Duration deadline) {
        return new Rotation(
                id, begun, by, plan.withConnectionDeadline(deadline), exclusions, back, stopped);
    }

    Rotation turned() {
        return new Rotation(id, begun, by, plan, exclusions, !back, Optional.empty());
    }
}
