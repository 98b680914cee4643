package dev.countersign.server;

import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.RootRotation;
import dev.countersign.server.authority.RotationView;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.LiveLeaves;
import dev.countersign.server.authority.rotation.Phase;
import dev.countersign.server.authority.rotation.Rotation;
import dev.countersign.server.authority.rotation.RotationState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Optional;

/** A rotation in numbers: its phase, who stands in its way, what is left of the old root. */
final class RotationMetrics {
    private RotationMetrics() {}

    /** Blockers and leaves are those that the leading server saw last; 0 at others. */
    static void register(MeterRegistry meters, AuthorityRing authority, RootRotation rotation) {
        for (Phase phase : Phase.values()) {
            meters.gauge(
                    "countersign.rotation.phase",
                    Tags.of("phase", phase.name()),
                    authority,
                    ring -> ring.rotation().phase() == phase ? 1 : 0);
        }
        meters.gauge("countersign.rotation.blockers", rotation, RotationMetrics::blockers);
        meters.gauge("countersign.rotation.old.leaves", rotation, RotationMetrics::oldLeaves);
        meters.gauge(
                "countersign.rotation.stopped",
                authority,
                ring -> ring.rotation().rotation().flatMap(Rotation::stopped).isPresent() ? 1 : 0);
    }

    private static double blockers(RootRotation rotation) {
        return rotation.last()
                .map(view ->
                        switch (view.decision()) {
                            case Decision.Blocked blocked -> blocked.blockers().size();
                            case Decision.Go go -> 0;
                            case Decision.Idle idle -> 0;
                        })
                .orElse(0);
    }

    private static double oldLeaves(RootRotation rotation) {
        return rotation.last().flatMap(RotationMetrics::leaves).map(LiveLeaves::count).orElse(0L);
    }

    private static Optional<LiveLeaves> leaves(RotationView view) {
        return view.state() instanceof RotationState.Moving moving
                ? moving.roots().map(Change.OfRoot::from).flatMap(view.seen()::leavesUnder)
                : Optional.empty();
    }
}
