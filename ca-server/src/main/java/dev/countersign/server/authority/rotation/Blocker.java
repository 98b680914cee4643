package dev.countersign.server.authority.rotation;

import java.time.Instant;
import java.util.Optional;

/**
 * Who or what stands in the way of the next move.
 *
 * @param code what kind it is
 * @param who name of a pod, replica, connection holder or root
 * @param detail value and expectation
 * @param until when it is over by itself; empty = somebody must do something
 */
public record Blocker(Code code, String who, String detail, Optional<Instant> until) {
    /** Stable codes. */
    public enum Code {
        ROOT_SHARES_KEY,
        ROOT_SHARES_SUBJECT,
        ROOT_LIFE_TOO_SHORT,
        OLD_ROOT_ENDS_TOO_EARLY,
        VERIFIER_NOT_LOADED,
        DWELL,
        CANARY_WINDOW,
        CANARY_NOT_REISSUED,
        CANARY_NO_DATA,
        CANARY_FAILURES,
        REPLICA_NOT_LOADED,
        FENCE,
        LEAVES_LIVE,
        CONNECTION_OPEN,
        SHADOW_WINDOW,
        SHADOW_HIT,
        SHADOW_NO_DATA,
        NEW_LEAVES_LIVE,
        AWAITING_APPROVAL,
        STOPPED
    }

    /** Whether a verifier is meant that an operator may leave out. */
    public boolean excludable() {
        return switch (code) {
            case VERIFIER_NOT_LOADED,
                    CANARY_NOT_REISSUED,
                    CANARY_FAILURES,
                    CONNECTION_OPEN,
                    SHADOW_HIT,
                    SHADOW_NO_DATA ->
                    true;
            case ROOT_SHARES_KEY,
                    ROOT_SHARES_SUBJECT,
                    ROOT_LIFE_TOO_SHORT,
                    OLD_ROOT_ENDS_TOO_EARLY,
                    DWELL,
                    CANARY_WINDOW,
                    CANARY_NO_DATA,
                    REPLICA_NOT_LOADED,
                    FENCE,
                    LEAVES_LIVE,
                    SHADOW_WINDOW,
                    NEW_LEAVES_LIVE,
                    AWAITING_APPROVAL,
                    STOPPED ->
                    false;
        };
    }

    static Blocker of(Code code, String who, String detail) {
        return new Blocker(code, who, detail, Optional.empty());
    }

    static Blocker until(Code code, String who, String detail, Instant until) {
        return new Blocker(code, who, detail, Optional.of(until));
    }
}
