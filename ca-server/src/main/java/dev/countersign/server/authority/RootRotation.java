package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.RotationRefused.Reason;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.rotation.Auditor;
import dev.countersign.server.authority.rotation.Blocker;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.Exclusion;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.Mark;
import dev.countersign.server.authority.rotation.Move;
import dev.countersign.server.authority.rotation.Moves;
import dev.countersign.server.authority.rotation.Observations;
import dev.countersign.server.authority.rotation.Rotation;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.server.authority.rotation.RotationPlanner;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Preparing;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import dev.countersign.server.keys.KeyVaultException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a rotation out: asks the planner, makes the move, and begins again. Each move is on record
 * before it is acted by, so whoever leads next, in this process or another, goes on where it was.
 *
 * <p>The wiring calls {@link #tick} every second or so. What operators ask comes in by the other
 * methods, on any replica; of two that ask at once one is refused.
 */
public final class RootRotation {
    private static final Logger LOG = LoggerFactory.getLogger(RootRotation.class);
    private static final int ATTEMPTS = 5;
    private static final int MOVES_A_TICK = 4;
    private static final int ID_BYTES = 8;
    private static final int MAX_REASON = 500;

    /** What an operator's wish makes of a state. */
    @FunctionalInterface
    private interface Wish {
        RotationState of(AuthorityState state, Mark mark)
                throws RotationRefused, KeyVaultException, AuditUnavailable;
    }

    private final AuthorityRing ring;
    private final SuccessorMaker maker;
    private final RotationObserver observer;
    private final RotationPlanner planner = new RotationPlanner();
    private final Auditor auditor = new Auditor();
    private final RefusalLog refusals;
    private final ApprovalGate gate;
    private final Replicas replicas;
    private final Leadership leadership;
    private final InstantSource clock;
    private final SecureRandom random;

    /** An operator's wish and the next move are not made at once here: both might make the same key. */
    private final ReentrantLock deciding = new ReentrantLock();

    private volatile Optional<RotationView> last = Optional.empty();

    /** What it works with beside the ring; wired once. */
    public record Parts(
            Verifiers verifiers, Replicas replicas, Leadership leadership, Approvals approvals) {}

    public RootRotation(AuthorityRing ring, Parts parts, InstantSource clock, SecureRandom random) {
        this.ring = ring;
        this.maker = ring.successors();
        this.observer = new RotationObserver(parts.verifiers(), parts.replicas(), ring.leaves());
        this.refusals = new RefusalLog(ring.events());
        this.gate = new ApprovalGate(parts.approvals());
        this.replicas = parts.replicas();
        this.leadership = parts.leadership();
        this.clock = clock;
        this.random = random;
    }

    /**
     * Makes the moves that are due, when this process leads.
     *
     * @throws AuthorityRefused when something cannot be used now; nothing is lost, call again
     */
    public void tick() {
        if (ring.rotation() instanceof Stable || !leadership.lead()) {
            last = Optional.empty();
            return;
        }
        ring.maintain(clock.instant());
        deciding.lock();
        try {
            boolean moved = true;
            for (int i = 0; moved && i < MOVES_A_TICK; i++) {
                moved = step();
            }
        } finally {
            deciding.unlock();
        }
    }

    /** As of the last {@link #tick}; empty when nothing rotates or another process leads. */
    public Optional<RotationView> last() {
        return last;
    }

    /** How things stand now. */
    public RotationView view() {
        AuthorityState state = ring.state();
        Observations seen = observer.observe(state.rotation(), state.epoch(), clock.instant());
        return new RotationView(
                state.epoch(),
                state.rotation(),
                gate.shown(state, planner.next(state.rotation(), seen)),
                seen);
    }

    /** Begins a rotation. */
    public void begin(Change.Subject subject, RotationPlan plan, String by) throws RotationRefused {
        change((state, mark) -> {
            Stable stable = stable(state.rotation());
            Rotation rotation = Rotation.begin(id(), mark.at(), by, plan);
            Optional<KnownRoot> standby = stable.holdings().standby();
            if (subject == Change.Subject.ROOT && standby.isEmpty()) {
                checkMayMakeRoots();
            }
            String name =
                    subject == Change.Subject.ROOT && standby.isPresent()
                            ? standby.get().keyName()
                            : keyName(subject, mark);
            return stable.prepare(rotation, subject, name, mark);
        });
    }

    /** Goes back, as far as the phase allows. */
    public void undo(String by) throws RotationRefused {
        RotationState before =
                change((state, mark) -> {
                    RotationState now = state.rotation();
                    running(now);
                    List<Blocker> blockers = planner.undo(now, seen(state));
                    if (!blockers.isEmpty()) {
                        throw new RotationRefused(
                                Reason.ROTATION_BLOCKED,
                                "undo: "
                                        + now.phase()
                                        + " cannot be undone now, "
                                        + blockers.size()
                                        + " in the way (expected: none)",
                                blockers);
                    }
                    return Moves.back(now, mark);
                });
        LOG.atInfo().addKeyValue("by", by).addKeyValue("phase", before.phase()).log("going back");
        if (before instanceof Prepared || before instanceof Distributing) {
            forget((Moving) before);
        }
    }

    /** Goes on without this verifier. */
    public void exclude(String verifier, String reason, String by) throws RotationRefused {
        checkReason(reason);
        change((state, mark) -> {
            Moving moving = moving(state.rotation());
            if (seen(state).verifiers().stream().noneMatch(one -> one.name().equals(verifier))) {
                throw new RotationRefused(
                        Reason.VERIFIER_UNKNOWN,
                        "verifier: "
                                + verifier
                                + " (expected: a name that root rotate --status prints)");
            }
            gate.override(state, "without", verifier, reason);
            return moving.with(
                    moving.course()
                            .rotation()
                            .excluding(new Exclusion(verifier, reason, by, mark.at())));
        });
    }

    /**
     * Goes on after it was stopped; nothing to do when it was not.
     *
     * @param reason for those who approve, where that is asked for
     */
    public void resume(String reason) throws RotationRefused {
        running(ring.rotation());
        if (ring.rotation().rotation().flatMap(Rotation::stopped).isPresent()) {
            change((state, mark) -> {
                Moving moving = moving(state.rotation());
                Rotation stopped = moving.course().rotation();
                gate.override(state, "stopped", stopped.stopped().orElse(""), reason);
                return moving.with(stopped.resumed());
            });
        }
    }

    /**
     * Sets how long open connections hold DRAINING up, from its beginning.
     *
     * @param reason for those who approve, where that is asked for
     */
    public void connectionDeadline(Duration deadline, String reason) throws RotationRefused {
        change((state, mark) -> {
            Moving moving = moving(state.rotation());
            gate.override(state, "connection-deadline", deadline.toString(), reason);
            return moving.with(moving.course().rotation().withConnectionDeadline(deadline));
        });
    }

    /**
     * Takes a root out of the bundle at once. When it signs and there is no other, one is made first.
     *
     * @param plan of the rotation that makes the other
     * @param reason for the log, 1 to 500 characters
     */
    public void distrust(String keyId, RotationPlan plan, String reason, String by)
            throws RotationRefused {
        checkReason(reason);
        approve(keyId);
        if (ring.rotation() instanceof Stable stable
                && stable.holdings().standby().isEmpty()
                && stable.signing().keyId().equals(keyId)) {
            begin(Change.Subject.ROOT, plan.asEmergency(), by + ": " + reason);
        }
        if (ring.rotation() instanceof Preparing preparing
                && preparing.subject() == Change.Subject.ROOT) {
            change((state, mark) -> made(state, mark));
        }
        // The driver may have been faster: it takes the old root out as soon as there is another.
        change((state, mark) ->
                isTrusted(state.rotation(), keyId)
                        ? distrusted(state.rotation(), keyId, mark)
                        : state.rotation());
        LOG.atWarn()
                .addKeyValue("root", keyId)
                .addKeyValue("by", by)
                .addKeyValue("reason", reason)
                .addKeyValue("epoch", ring.epoch())
                .log("root distrusted");
    }

    /** For the whole of it, before anything is made. */
    private void approve(String keyId) throws RotationRefused {
        AuthorityState state = newest();
        if (!isTrusted(state.rotation(), keyId)) {
            throw new RotationRefused(
                    Reason.ROOT_UNKNOWN,
                    "root: " + keyId + " (expected: the key id of a root in the bundle)");
        }
        try {
            gate.distrust(state, keyId);
        } catch (AuditUnavailable e) {
            throw new RotationRefused(
                    Reason.LOG_UNAVAILABLE, "the log cannot be written now, nothing was changed");
        }
    }

    private static boolean isTrusted(RotationState state, String keyId) {
        return state.trusted().stream().anyMatch(root -> root.keyId().equals(keyId));
    }

    /** A further root that verifiers trust from now on and that signs nothing yet. */
    public void addStandby() throws RotationRefused {
        change((state, mark) -> {
            Stable stable = stable(state.rotation());
            if (stable.holdings().standby().isPresent()) {
                throw new RotationRefused(
                        Reason.STANDBY_EXISTS,
                        "standby: "
                                + stable.holdings().standby().get().keyId()
                                + " (expected: none; take it away first)");
            }
            checkMayMakeRoots();
            return stable.standBy(maker.root(keyName(Change.Subject.ROOT, mark), mark.at()), mark);
        });
    }

    /** The standby leaves the bundle; nothing was signed by it. */
    public void removeStandby() throws RotationRefused {
        change((state, mark) -> {
            Stable stable = stable(state.rotation());
            if (stable.holdings().standby().isEmpty()) {
                throw new RotationRefused(
                        Reason.STANDBY_NONE, "standby: none (expected: one to take away)");
            }
            return stable.withoutStandby(mark);
        });
    }

    /** A root whose key is kept elsewhere is never replaced by one that is kept here, unasked. */
    private void checkMayMakeRoots() throws RotationRefused {
        if (ring.importsRoots()) {
            throw new RotationRefused(
                    Reason.ROOT_IMPORT_FIRST,
                    "authority.root: imported, and there is no standby (expected: the next root,"
                            + " by countersign root csr and countersign root import)");
        }
    }

    /** One move, when one is due. */
    private boolean step() {
        AuthorityState state = ring.state();
        Instant now = clock.instant();
        replicas.confirm(state.epoch());
        Observations seen = observer.observe(state.rotation(), state.epoch(), now);
        if (isGoingOn(state.rotation())) {
            switch (auditor.look(state.rotation(), seen, patience(state.rotation()))) {
                case Auditor.Finding.Holds holds -> {}
                case Auditor.Finding.Suspected suspected -> {
                    LOG.atWarn()
                            .addKeyValue("invariant", suspected.what())
                            .log("nothing moves until it is known whether this stays so");
                    return false;
                }
                case Auditor.Finding.Broken broken -> {
                    return stop(state, broken.what(), now);
                }
            }
        }
        Decision decision = approved(state, planner.next(state.rotation(), seen));
        last = Optional.of(new RotationView(state.epoch(), state.rotation(), decision, seen));
        return switch (decision) {
            case Decision.Idle idle -> false;
            case Decision.Blocked blocked -> {
                refusals.note(state.rotation(), blocked, now);
                yield false;
            }
            case Decision.Go go -> perform(state, go.move(), seen);
        };
    }

    /** A move that needs approval and has none waits for it. */
    private Decision approved(AuthorityState state, Decision decision) {
        try {
            return decision instanceof Decision.Go go
                    ? gate.hold(state, go.move()).<Decision>map(held -> held).orElse(decision)
                    : decision;
        } catch (AuditUnavailable e) {
            throw new AuthorityRefused(
                    AuthorityRefused.Reason.AUDIT_UNAVAILABLE,
                    "rotation: approval: "
                            + e.getMessage()
                            + " (expected: on record; trying again)",
                    e);
        }
    }

    /** The successor made; the state as it is when that is not what it waits for. */
    private RotationState made(AuthorityState state, Mark mark)
            throws KeyVaultException, AuditUnavailable {
        return state.rotation() instanceof Preparing preparing
                ? preparing.made(maker.make(preparing, state.root().key(), mark.at()), mark)
                : state.rotation();
    }

    private boolean perform(AuthorityState state, Move move, Observations seen) {
        try {
            Mark mark = mark(state);
            RotationState next =
                    move == Move.MAKE
                            ? made(state, mark)
                            : Moves.on(state.rotation(), move, seen, mark);
            return ring.move(state, next, seen.now());
        } catch (KeyVaultException | AuditUnavailable e) {
            throw new AuthorityRefused(
                    e instanceof KeyVaultException
                            ? AuthorityRefused.Reason.KEY_UNAVAILABLE
                            : AuthorityRefused.Reason.AUDIT_UNAVAILABLE,
                    "rotation: " + move + ": " + e.getMessage() + " (expected: done; trying again)",
                    e);
        }
    }

    /** What the auditor found is on record, and nothing moves until an operator has looked. */
    private boolean stop(AuthorityState state, String why, Instant now) {
        LOG.atError().addKeyValue("invariant", why).log("rotation stopped by the auditor");
        Moving moving = (Moving) state.rotation();
        try {
            return ring.move(state, moving.with(moving.course().rotation().stopped(why)), now);
        } catch (KeyVaultException | AuditUnavailable e) {
            throw new AuthorityRefused(
                    AuthorityRefused.Reason.AUDIT_UNAVAILABLE,
                    "rotation: cannot be stopped: " + e.getMessage(),
                    e);
        }
    }

    /** By then every agent and every replica has said where it stands, or is known to be silent. */
    private static Duration patience(RotationState state) {
        return state.rotation().map(rotation -> rotation.plan().fence()).orElse(Duration.ZERO);
    }

    private static boolean isGoingOn(RotationState state) {
        return state instanceof Moving moving && moving.course().rotation().stopped().isEmpty();
    }

    /**
     * Does what an operator wishes.
     *
     * @return the state it was done in
     */
    private RotationState change(Wish wish) throws RotationRefused {
        deciding.lock();
        try {
            return changed(wish);
        } finally {
            deciding.unlock();
        }
    }

    private RotationState changed(Wish wish) throws RotationRefused {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            AuthorityState state = newest();
            try {
                RotationState next = wish.of(state, mark(state));
                if (next.equals(state.rotation()) || ring.move(state, next, clock.instant())) {
                    return state.rotation();
                }
            } catch (KeyVaultException e) {
                throw new RotationRefused(
                        Reason.KEY_UNAVAILABLE, "key vault: " + e.getMessage() + ", nothing done");
            } catch (AuditUnavailable e) {
                throw new RotationRefused(
                        Reason.LOG_UNAVAILABLE,
                        "the log cannot be written now, nothing was changed");
            }
        }
        throw new RotationRefused(
                Reason.ROTATION_CONTENDED,
                "rotation: changed " + ATTEMPTS + " times meanwhile (expected: once, try again)");
    }

    /** Another replica may have moved on since this one looked. */
    private AuthorityState newest() {
        ring.maintain(clock.instant());
        return ring.state();
    }

    private Observations seen(AuthorityState state) {
        return observer.observe(state.rotation(), state.epoch(), clock.instant());
    }

    private static RotationState distrusted(RotationState state, String keyId, Mark mark)
            throws RotationRefused {
        try {
            return switch (state) {
                case Stable stable -> stable.distrust(keyId, mark);
                case Moving moving -> moving.distrust(keyId, mark);
                case Preparing preparing ->
                        throw new RotationRefused(
                                Reason.ROTATION_RUNNING,
                                "a key of bundles is being rotated (expected: root rotate --undo"
                                        + " first)");
            };
        } catch (IllegalArgumentException e) {
            throw new RotationRefused(Reason.ROOT_UNKNOWN, String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw new RotationRefused(Reason.ROOT_ALONE, String.valueOf(e.getMessage()));
        }
    }

    /** What nobody has seen needs no key any more; when that fails the key is left over. */
    private void forget(Moving undone) {
        String name =
                switch (undone.change()) {
                    case Change.OfRoot root -> root.to().keyName();
                    case Change.OfBundleKey key -> key.to().keyName();
                };
        boolean standby =
                undone.holdings().standby().filter(root -> root.keyName().equals(name)).isPresent();
        if (standby) {
            return;
        }
        try {
            maker.destroy(name);
        } catch (KeyVaultException e) {
            LOG.atWarn()
                    .addKeyValue("key", name)
                    .addKeyValue("reason", e.getMessage())
                    .log("key of an undone rotation is left over");
        }
    }

    private Mark mark(AuthorityState state) {
        return new Mark(state.epoch() + 1, clock.instant());
    }

    /** Never used before: epochs do not come again. */
    private static String keyName(Change.Subject subject, Mark mark) {
        return switch (subject) {
            case ROOT -> "root-e" + mark.epoch();
            case BUNDLE_KEY -> "bundle-e" + mark.epoch();
            case JWT_KEY -> "jwt-e" + mark.epoch();
        };
    }

    private String id() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static void checkReason(String reason) throws RotationRefused {
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RotationRefused(
                    Reason.REASON_MISSING, "reason: expected 1 to " + MAX_REASON + " characters");
        }
    }

    private static Stable stable(RotationState state) throws RotationRefused {
        if (state instanceof Stable stable) {
            return stable;
        }
        Rotation running = state.rotation().orElseThrow();
        throw new RotationRefused(
                Reason.ROTATION_RUNNING,
                "a rotation runs: "
                        + running.id()
                        + ", begun "
                        + running.begun()
                        + " by "
                        + running.by()
                        + ", "
                        + state.phase()
                        + " (expected: none; see root rotate --status)");
    }

    private static void running(RotationState state) throws RotationRefused {
        if (state instanceof Stable) {
            throw new RotationRefused(
                    Reason.ROTATION_NONE, "nothing rotates (expected: a rotation under way)");
        }
    }

    private static Moving moving(RotationState state) throws RotationRefused {
        running(state);
        if (state instanceof Moving moving) {
            return moving;
        }
        throw new RotationRefused(
                Reason.ROTATION_NONE,
                "the successor is being made (expected: a rotation that waits; try again)");
    }
}
