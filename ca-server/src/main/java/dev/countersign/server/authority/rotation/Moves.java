package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.RotationState.Active;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Draining;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Preparing;
import dev.countersign.server.authority.rotation.RotationState.Retiring;
import dev.countersign.server.authority.rotation.RotationState.Stable;

/** Which state a move leads to. */
public final class Moves {
    private Moves() {}

    /** Every move but {@link Move#MAKE}. */
    public static RotationState on(RotationState state, Move move, Observations seen, Mark mark) {
        return switch (state) {
            case Stable stable -> stable;
            case Preparing preparing -> preparing;
            case Prepared prepared ->
                    move == Move.DISTRUST
                            ? prepared.distrust(prepared.roots().orElseThrow().from().keyId(), mark)
                            : prepared.distribute(mark);
            case Distributing distributing ->
                    move == Move.CANARY ? distributing.canary(mark) : distributing.activate(mark);
            case Canary canary -> canary.activate(mark);
            case Active active -> active.drain(seen.longestLife(active), mark);
            case Draining draining -> draining.retire(mark);
            case Retiring retiring -> retiring.finish(mark);
        };
    }

    /** The state that going back leads to. */
    public static RotationState back(RotationState state, Mark mark) {
        return switch (state) {
            case Stable stable -> stable;
            case Preparing preparing -> preparing.undo(mark);
            case Prepared prepared -> prepared.undo(mark);
            case Distributing distributing -> distributing.undo(mark);
            case Canary canary -> canary.undo(mark);
            case Active active -> active.undo(mark);
            case Draining draining -> draining.undo(mark);
            case Retiring retiring -> retiring.undo(mark);
        };
    }
}
