package dev.countersign.server.admission.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What the API server asks.
 *
 * @param uid of the question, echoed in the answer
 * @param kind of the object, as {@code countersign.dev/v1 AuthorizationPolicy}
 * @param operation what is about to be done
 * @param namespace of the object; empty when it has none
 * @param name of the object; empty when the API server is going to make one up
 * @param user who does it
 * @param dryRun whether nothing will come of it
 * @param object as it would be; empty when it is deleted
 * @param oldObject as it is; empty when it is created
 */
public record ReviewRequest(
        String uid,
        ObjectKind kind,
        Operation operation,
        String namespace,
        String name,
        String user,
        boolean dryRun,
        Optional<ObjectNode> object,
        Optional<ObjectNode> oldObject) {
    /** What is about to be done. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    /** Group, version and kind; the core group is empty. */
    public record ObjectKind(String group, String version, String kind) {
        /** As objects say it of themselves. */
        public String apiVersion() {
            return group.isEmpty() ? version : group + "/" + version;
        }

        @Override
        public String toString() {
            return apiVersion() + " " + kind;
        }
    }

    @Override
    public String toString() {
        return operation + " " + kind + " " + namespace + "/" + name + " by " + user;
    }
}
