package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.Blocker;
import java.util.List;

/** What was asked of a rotation is not done. Message: value and expectation. */
public final class RotationRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        ROTATION_RUNNING,
        ROTATION_NONE,
        ROTATION_BLOCKED,
        /** Others kept making epochs meanwhile. */
        ROTATION_CONTENDED,
        ROTATION_PLAN,
        VERIFIER_UNKNOWN,
        REASON_MISSING,
        ROOT_UNKNOWN,
        /** It is believed, or may be again. */
        ROOT_IN_USE,
        /** Certificates under it have not ended. */
        ROOT_LEAVES_LIVE,
        /** There is no key to destroy. */
        ROOT_KEY_GONE,
        /** It signs, and there is no other. */
        ROOT_ALONE,
        STANDBY_EXISTS,
        STANDBY_NONE,
        /** Roots are made elsewhere, and none was brought in to take the place. */
        ROOT_IMPORT_FIRST,
        /** Operators must approve first; the message says how. */
        AWAITING_APPROVAL,
        KEY_UNAVAILABLE,
        LOG_UNAVAILABLE
    }

    private final Reason reason;
    private final transient List<Blocker> blockers;

    RotationRefused(Reason reason, String message) {
        this(reason, message, List.of());
    }

    RotationRefused(Reason reason, String message, List<Blocker> blockers) {
        super(message, null, false, false);
        this.reason = reason;
        this.blockers = List.copyOf(blockers);
    }

    public Reason reason() {
        return reason;
    }

    /** Who stands in the way. */
    public List<Blocker> blockers() {
        return blockers;
    }
}
