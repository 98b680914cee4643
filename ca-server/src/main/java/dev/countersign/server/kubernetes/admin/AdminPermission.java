package dev.countersign.server.kubernetes.admin;

import dev.countersign.server.operators.AdminAction;
import java.util.Optional;

/**
 * What RBAC calls an action of the admin service: a verb on a resource of the group {@link #GROUP}.
 * The resources exist in rules only; no API server serves them.
 *
 * @param verb as in a ClusterRole
 * @param resource as in a ClusterRole
 */
public record AdminPermission(String verb, String resource) {
    public static final String GROUP = "countersign.dev";

    /** Of an action; empty when only the admin socket is for it. */
    public static Optional<AdminPermission> of(AdminAction action) {
        return switch (action) {
            case READ_STATE -> is("get", "state");
            case READ_CERTIFICATES -> is("get", "certificates");
            case READ_TRAFFIC -> is("get", "traffic");
            case READ_LOG -> is("get", "log");
            case VERIFY_LOG -> is("verify", "log");
            case REVOKE -> is("revoke", "certificates");
            case APPROVE_STEP -> is("approve", "steps");
            case ROTATE_ROOTS -> is("rotate", "roots");
            case ISSUE_OPERATOR -> Optional.empty();
        };
    }

    @Override
    public String toString() {
        return verb + " " + resource + "." + GROUP;
    }

    private static Optional<AdminPermission> is(String verb, String resource) {
        return Optional.of(new AdminPermission(verb, resource));
    }
}
