package dev.countersign.policy;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about one request, and by what.
 *
 * @param action the action of the policy that decided, or null where none did
 * @param policyNamespace null where no single policy decided
 * @param policyName null where no single policy decided
 * @param ruleIndex index in the policy's rules, or -1
 * @param revision revision of the {@link PolicySet} that decided
 * @param ruleId {@code namespace/name#index:hash} of the rule that decided, where the hash is of what
 *     the rule says; empty where none did. See {@link AuthorizationPolicy#ruleId}
 */
public record Decision(
        boolean allowed,
        @Nullable Action action,
        @Nullable String policyNamespace,
        @Nullable String policyName,
        int ruleIndex,
        long revision,
        Reason reason,
        String ruleId) {

    public Decision {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(ruleId, "ruleId");
    }

    /** A decision that no rule made, or whose rule is not named. */
    public Decision(
            boolean allowed,
            @Nullable Action action,
            @Nullable String policyNamespace,
            @Nullable String policyName,
            int ruleIndex,
            long revision,
            Reason reason) {
        this(allowed, action, policyNamespace, policyName, ruleIndex, revision, reason, "");
    }

    /** The deciding policy as {@code namespace/name}, or empty. */
    public String policy() {
        return policyName == null ? "" : policyNamespace + "/" + policyName;
    }

    static Decision byPolicy(
            boolean allowed,
            AuthorizationPolicy policy,
            int rule,
            String ruleId,
            long revision,
            Reason reason) {
        return new Decision(
                allowed,
                policy.action(),
                policy.namespace(),
                policy.name(),
                rule,
                revision,
                reason,
                ruleId);
    }

    static Decision withoutPolicy(boolean allowed, long revision, Reason reason) {
        return new Decision(allowed, null, null, null, -1, revision, reason);
    }

    /** Why, with stable names for logs, metrics and tools. */
    public enum Reason {
        /** A rule of an ALLOW policy matched. */
        ALLOW_RULE_MATCHED,
        /** No ALLOW policy applies and the mesh allows by default. */
        ALLOWED_BY_DEFAULT,
        /** A rule of a DENY policy matched. */
        DENY_RULE_MATCHED,
        /** ALLOW policies apply and no rule of theirs matched. */
        NO_ALLOW_RULE_MATCHED,
        /** No ALLOW policy applies and the mesh denies by default. */
        DENIED_BY_DEFAULT,
        /** A rule of an AUDIT policy matched; decides nothing. */
        AUDIT_RULE_MATCHED,
        /** The external authorizer said no. */
        CUSTOM_PROVIDER_DENIED,
        /** The external authorizer was not asked, or did not answer. */
        CUSTOM_PROVIDER_UNAVAILABLE,
        /** A CUSTOM policy matched whose provider is not configured, or is one of too many. */
        CUSTOM_PROVIDER_UNDEFINED,
        /** A CUSTOM policy matched a TCP connection and its provider speaks HTTP only. */
        CUSTOM_PROVIDER_NEEDS_HTTP,
        /** The path is not in the mesh's normal form, so what is matched is not what is forwarded. */
        PATH_NOT_NORMALIZED,
        /** The port takes mutual TLS only, and this connection is plaintext. */
        PLAINTEXT_REFUSED,
        /** The request carries a token that is not good, by a RequestAuthentication. */
        TOKEN_INVALID,
        /** The request carries a token that cannot be checked: its issuer's keys are not here. */
        TOKEN_KEYS_UNAVAILABLE,
        /** The peer is on the deny list, whatever the policies say. */
        PEER_DENIED,
        /** No policies have been received yet. */
        NO_POLICY_SOURCE,
        /** Evaluation failed. */
        EVALUATION_FAULT
    }
}
