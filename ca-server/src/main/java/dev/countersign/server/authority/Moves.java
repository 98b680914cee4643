package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.rotation.Mark;
import dev.countersign.server.authority.rotation.Move;
import dev.countersign.server.authority.rotation.Observations;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.rotation.RotationState.Active;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Draining;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Preparing;
import dev.countersign.server.authority.rotation.RotationState.Retiring;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import dev.countersign.server.keys.KeyVaultException;
import java.util.Optional;

/** Which state a move leads to. */
final class Moves {
    private Moves() {}

    /** The successor made; empty when that is not what the state waits for. */
    static Optional<RotationState> made(AuthorityState state, SuccessorMaker maker, Mark mark)
            throws KeyVaultException, AuditUnavailable {
        return state.rotation() instanceof Preparing preparing
                ? Optional.of(
                        preparing.made(maker.make(preparing, state.root().key(), mark.at()), mark))
                : Optional.empty();
    }

    /** Every move but {@link Move#MAKE}. */
    static RotationState on(RotationState state, Move move, Observations seen, Mark mark) {
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

    static RotationState back(RotationState state, Mark mark) {
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
