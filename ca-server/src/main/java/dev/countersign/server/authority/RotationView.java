package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.Observations;
import dev.countersign.server.authority.rotation.RotationState;

/**
 * A rotation at one moment.
 *
 * @param epoch the newest there is
 * @param state where it stands
 * @param decision what comes next, or who stands in its way
 * @param seen what that was decided from
 */
public record RotationView(long epoch, RotationState state, Decision decision, Observations seen) {}
