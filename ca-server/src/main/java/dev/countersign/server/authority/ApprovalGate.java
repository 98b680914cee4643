package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.approval.AwaitingApproval;
import dev.countersign.server.authority.approval.Step;
import dev.countersign.server.authority.rotation.Blocker;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.Move;
import dev.countersign.server.authority.rotation.PastRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.x509.KeyIds;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The steps of a rotation that one person must not take alone, as exact steps: a root begins to sign, a
 * root is distrusted, a guard is overruled. An approval is used up before its step takes effect; a step
 * that then loses against another replica is another step, of another epoch, and asks anew.
 */
final class ApprovalGate {
    private static final int MAX_VALUE = 1024;

    private final Approvals approvals;

    ApprovalGate(Approvals approvals) {
        this.approvals = approvals;
    }

    /** The decision as it is while approvals are awaited; nothing is asked for and nothing used up. */
    Decision shown(AuthorityState state, Decision decision) {
        return decision instanceof Decision.Go go
                ? step(state, go.move())
                        .flatMap(approvals::awaited)
                        .<Decision>map(awaiting -> blocked(go.move(), awaiting))
                        .orElse(decision)
                : decision;
    }

    /**
     * Asks for approval of a move that needs one, and uses it up.
     *
     * @return what the move waits for; empty = it may be made
     */
    Optional<Decision.Blocked> hold(AuthorityState state, Move move) throws AuditUnavailable {
        Optional<Step> step = step(state, move);
        try {
            if (step.isPresent()) {
                approvals.require(step.get());
            }
            return Optional.empty();
        } catch (AwaitingApproval awaiting) {
            return Optional.of(blocked(move, awaiting));
        }
    }

    void distrust(AuthorityState state, String keyId) throws RotationRefused, AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts.put("root", keyId);
        state.rotation().trusted().stream()
                .filter(root -> root.keyId().equals(keyId))
                .forEach(root -> facts.put("certificate", sha256(root)));
        require(state, Step.Kind.DISTRUST, facts);
    }

    /** A root has no certificate on record any more: its key's hash says which it is. */
    void destroy(AuthorityState state, PastRoot root, String reason)
            throws RotationRefused, AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts.put("root", root.keyId());
        facts.put("subject", line(root.subject()));
        facts.put("key", root.keyName());
        facts.put("public-key", root.keyHash());
        facts.put("reason", line(reason));
        require(state, Step.Kind.DESTROY, facts);
    }

    /**
     * @param what which guard, for instance {@code without}
     * @param value of whom
     */
    void override(AuthorityState state, String what, String value, String reason)
            throws RotationRefused, AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts.put(what, line(value));
        facts.put("reason", line(reason));
        state.rotation().rotation().ifPresent(running -> facts.put("rotation", running.id()));
        require(state, Step.Kind.OVERRIDE, facts);
    }

    private void require(AuthorityState state, Step.Kind kind, Map<String, String> facts)
            throws RotationRefused, AuditUnavailable {
        try {
            approvals.require(new Step(kind, state.bundle().trustDomain(), state.epoch(), facts));
        } catch (AwaitingApproval awaiting) {
            throw new RotationRefused(
                    RotationRefused.Reason.AWAITING_APPROVAL,
                    String.valueOf(awaiting.getMessage()));
        }
    }

    /** Of moves only the one that has another root sign; keys of bundles are nobody's trust anchor. */
    private static Optional<Step> step(AuthorityState state, Move move) {
        return switch (move) {
            case CANARY, ACTIVATE ->
                    state.rotation() instanceof RotationState.Moving moving
                            ? moving.roots().map(change -> activate(state, moving, change, move))
                            : Optional.empty();
            case MAKE, DISTRIBUTE, DRAIN, RETIRE, FINISH, DISTRUST -> Optional.empty();
        };
    }

    private static Step activate(
            AuthorityState state, RotationState.Moving moving, Change.OfRoot change, Move move) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("rotation", moving.course().rotation().id());
        facts.put("from", change.from().keyId());
        facts.put("from-certificate", sha256(change.from()));
        facts.put("to", change.to().keyId());
        facts.put("to-certificate", sha256(change.to()));
        if (move == Move.CANARY) {
            facts.put(
                    "for",
                    line(String.valueOf(moving.course().rotation().plan().canary().orElseThrow())));
        }
        return new Step(Step.Kind.ACTIVATE, state.bundle().trustDomain(), state.epoch(), facts);
    }

    private static Decision.Blocked blocked(Move move, AwaitingApproval awaiting) {
        return new Decision.Blocked(
                move,
                List.of(
                        new Blocker(
                                Blocker.Code.AWAITING_APPROVAL,
                                "operators",
                                String.valueOf(awaiting.getMessage()),
                                Optional.empty())));
    }

    private static String sha256(KnownRoot root) {
        return KeyIds.sha256(StateLoader.encoded(root.certificate()));
    }

    private static String line(String text) {
        String one = text.replaceAll("\\p{Cntrl}", " ");
        return one.length() > MAX_VALUE ? one.substring(0, MAX_VALUE) : one;
    }
}
