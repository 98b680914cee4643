package dev.countersign.server.authority.approval;

import dev.countersign.trust.NativeCrypto;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How many of whom; from the configuration. Pure.
 *
 * @param required at least 1, at most the number of operators
 * @param operators P-256 or Ed25519 keys by name
 */
public record ApprovalRules(int required, Map<String, PublicKey> operators) {
    /** How long a step waits, and an approval lasts at most. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    public ApprovalRules {
        operators = Map.copyOf(operators);
        if (required < 1 || required > operators.size()) {
            throw new IllegalArgumentException(
                    "approvals.required: "
                            + required
                            + " (expected: 1 to the number of operators, "
                            + operators.size()
                            + ")");
        }
    }

    /**
     * Checks one approval.
     *
     * @throws ApprovalRefused with the first rule that it breaks
     */
    void check(SignedApproval approval, Instant now) throws ApprovalRefused {
        PublicKey key = operators.get(approval.operator());
        if (key == null) {
            throw new ApprovalRefused(
                    ApprovalRefused.Reason.APPROVAL_OPERATOR_UNKNOWN,
                    "operator: "
                            + approval.operator()
                            + " (expected: a name of approvals.operators)");
        }
        if (!NativeCrypto.verify(
                OperatorKeys.signatureAlgorithm(key),
                key,
                approval.signature(),
                approval.message())) {
            throw new ApprovalRefused(
                    ApprovalRefused.Reason.APPROVAL_BAD_SIGNATURE,
                    "approval of "
                            + approval.operator()
                            + ": signature does not fit (expected: by the key in"
                            + " approvals.operators, over this digest)");
        }
        if (!now.isBefore(approval.until())) {
            throw new ApprovalRefused(
                    ApprovalRefused.Reason.APPROVAL_EXPIRED,
                    "approval of "
                            + approval.operator()
                            + ": until "
                            + approval.until()
                            + " (expected: > "
                            + now
                            + ")");
        }
        Instant latest = now.plus(LONGEST).plus(CLOCKS_DIFFER);
        if (approval.until().isAfter(latest)) {
            throw new ApprovalRefused(
                    ApprovalRefused.Reason.APPROVAL_TOO_LONG,
                    "approval of "
                            + approval.operator()
                            + ": until "
                            + approval.until()
                            + " (expected: <= "
                            + latest
                            + ")");
        }
    }

    /** Names of those whose approval counts now, each once, sorted. */
    List<String> counting(String digest, List<SignedApproval> approvals, Instant now) {
        return approvals.stream()
                .filter(approval -> approval.digest().equals(digest) && holds(approval, now))
                .map(SignedApproval::operator)
                .distinct()
                .sorted()
                .toList();
    }

    private boolean holds(SignedApproval approval, Instant now) {
        try {
            check(approval, now);
            return true;
        } catch (ApprovalRefused refused) {
            return false;
        }
    }
}
