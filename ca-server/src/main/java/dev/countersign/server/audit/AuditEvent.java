package dev.countersign.server.audit;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Something worth keeping that is not an issuance.
 *
 * @param type one of a fixed list
 * @param at when
 * @param identity SPIFFE ID or account it is about; empty when unknown
 * @param facts names and values, sorted, never secret; at most 32 of at most 1024 characters
 */
public record AuditEvent(Type type, Instant at, String identity, Map<String, String> facts) {
    /** Stable names: they are stored and printed by {@code countersign log list}. */
    public enum Type {
        SERVER_STARTED,
        SERVER_STOPPED,
        ROOT_CREATED,
        /** A root that was made elsewhere comes in. */
        ROOT_IMPORTED,
        /** The key of a root that is past is destroyed for good. */
        ROOT_DESTROYED,
        /** A key was made for an online issuer, and a request for it. */
        ISSUER_REQUESTED,
        /** An online issuer below a root that is believed comes in. */
        ISSUER_IMPORTED,
        INTERMEDIATE_CREATED,
        BUNDLE_PUBLISHED,
        /** A verifier outside is waited for by rotations from now on, or no longer. */
        VERIFIER_REGISTERED,
        VERIFIER_REMOVED,
        /** Somebody says that it has the bundle. */
        VERIFIER_ACKNOWLEDGED,
        ROTATION_MOVED,
        ROTATION_REFUSED,
        ISSUANCE_REFUSED,
        UNATTESTED_REFUSED,
        INTENT_RECONCILED,
        TOKEN_WITH_SECOND_KEY,
        CALLER_ADDRESS_DIFFERS,
        KEY_BOUND_TO_OTHER_IDENTITY,
        POLICIES_LOADED,
        POLICIES_REFUSED,
        REVOCATION_ORDERED,
        REVOCATION_TAKEN_BACK,
        ADMIN_CALL,
        /** A step is asked for that needs approvals. */
        STEP_AWAITS_APPROVAL,
        STEP_APPROVAL_GIVEN,
        /** Enough have approved: it is about to be taken. */
        STEP_APPROVED,
        BACKUP_RESTORED
    }

    public AuditEvent {
        facts = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(facts));
    }
}
