package dev.countersign.agent.edges;

import dev.countersign.edges.PathShape.Grain;
import org.jspecify.annotations.Nullable;

/**
 * How finely one edge tells requests apart; a table that has no room for a fine one looks for a coarse
 * one.
 */
enum Rung {
    EXACT(Grain.FULL, true),
    FIRST_SEGMENT(Grain.FIRST_SEGMENT, true),
    ANY_PATH(Grain.NOTHING, true),
    ANY_REQUEST(Grain.NOTHING, false);

    final Grain grain;
    final boolean method;

    Rung(Grain grain, boolean method) {
        this.grain = grain;
        this.method = method;
    }

    @Nullable Rung coarser() {
        return switch (this) {
            case EXACT -> FIRST_SEGMENT;
            case FIRST_SEGMENT -> ANY_PATH;
            case ANY_PATH -> ANY_REQUEST;
            case ANY_REQUEST -> null;
        };
    }
}
