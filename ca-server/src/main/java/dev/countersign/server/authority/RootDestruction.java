package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.RotationRefused.Reason;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.LiveLeaves;
import dev.countersign.server.authority.rotation.PastRoot;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.keys.KeyVaultException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Destroys the key of a root that is out of the bundle, for good: nothing can be signed by it any more,
 * and no rotation can go back to it. Refused while anything lives under it. In this order: guards,
 * approvals, the log, the key.
 */
public final class RootDestruction {
    private static final int MAX_REASON = 500;

    private final AuthorityRing ring;
    private final ApprovalGate gate;
    private final Duration skew;
    private final InstantSource clock;

    /**
     * @param skew how far clocks may be apart: a leaf counts as live for so long after its end
     */
    public RootDestruction(
            AuthorityRing ring, Approvals approvals, Duration skew, InstantSource clock) {
        this.ring = ring;
        this.gate = new ApprovalGate(approvals);
        this.skew = skew;
        this.clock = clock;
    }

    /**
     * Destroys the key.
     *
     * @param keyId of the root, as {@code root list} prints it
     * @param reason for the log, 1 to 500 characters
     * @return the name that the key had in the key store
     */
    public String destroy(String keyId, String reason, String by) throws RotationRefused {
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RotationRefused(
                    Reason.REASON_MISSING, "reason: expected 1 to " + MAX_REASON + " characters");
        }
        Instant now = clock.instant();
        ring.maintain(now); // another replica may have moved on
        AuthorityState state = ring.state();
        PastRoot root = past(state, keyId);
        checkNothingLives(root, now);
        try {
            if (!ring.successors().exists(root.keyName())) {
                throw new RotationRefused(
                        Reason.ROOT_KEY_GONE,
                        "key "
                                + root.keyName()
                                + ": not in the key store (expected: there; it was destroyed"
                                + " before, or is kept elsewhere)");
            }
            gate.destroy(state, root, reason);
            ring.events().rootDestroyed(root, reason, by, now);
            ring.successors().destroy(root.keyName());
        } catch (KeyVaultException unusable) {
            throw new RotationRefused(
                    Reason.KEY_UNAVAILABLE,
                    "key vault: " + unusable.getMessage() + ", the key may still be there");
        } catch (AuditUnavailable unwritten) {
            throw new RotationRefused(
                    Reason.LOG_UNAVAILABLE, "the log cannot be written now, nothing was destroyed");
        }
        return root.keyName();
    }

    private static PastRoot past(AuthorityState state, String keyId) throws RotationRefused {
        for (KnownRoot known : inUse(state)) {
            if (known.keyId().equals(keyId)) {
                throw new RotationRefused(
                        Reason.ROOT_IN_USE,
                        "root: "
                                + keyId
                                + " is believed, or a rotation may go back to it (expected: one"
                                + " that is past, by root rotate or root distrust)");
            }
        }
        return state.rotation().holdings().past().stream()
                .filter(root -> root.keyId().equals(keyId))
                .findFirst()
                .orElseThrow(() ->
                        new RotationRefused(
                                Reason.ROOT_UNKNOWN,
                                "root: "
                                        + keyId
                                        + " (expected: the key id of a root that root list"
                                        + " prints)"));
    }

    private static List<KnownRoot> inUse(AuthorityState state) {
        List<KnownRoot> roots = new ArrayList<>(state.rotation().trusted());
        roots.add(state.rotation().signing());
        if (state.rotation() instanceof Moving moving) {
            moving.roots()
                    .ifPresent(change -> {
                        roots.add(change.from());
                        roots.add(change.to());
                    });
        }
        return roots;
    }

    /** What nobody put on record may be of any root. */
    private void checkNothingLives(PastRoot root, Instant now) throws RotationRefused {
        Map<String, LiveLeaves> live = ring.leaves().live(now.minus(skew));
        for (String above : List.of(root.keyId(), IssuedLeaves.UNKNOWN_ROOT)) {
            LiveLeaves leaves = live.get(above);
            if (leaves != null && leaves.count() > 0) {
                throw new RotationRefused(
                        Reason.ROOT_LEAVES_LIVE,
                        "root: "
                                + leaves.count()
                                + " certificates under it live, the last ends "
                                + leaves.lastNotAfter()
                                + ", "
                                + leaves.lastHolder()
                                + " (expected: none)");
            }
        }
        Optional<Instant> ends =
                ring.leaves().lastIntermediate(root.keyId()).filter(end -> end.isAfter(now));
        if (ends.isPresent()) {
            throw new RotationRefused(
                    Reason.ROOT_LEAVES_LIVE,
                    "root: an intermediate under it lives until "
                            + ends.get()
                            + " (expected: none)");
        }
    }
}
