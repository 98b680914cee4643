package dev.countersign.server.admission.injection;

/** The pod is not injected, and must not run without. */
public final class InjectionRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; a stable code. */
    public enum Reason {
        /** It shares the node's network: rules and ports would be the node's. */
        HOST_NETWORK,
        /** Another mesh's sidecar is in it. */
        ANOTHER_INJECTOR,
        /** A container or volume has the name of ours. */
        NAME_TAKEN,
        /** A container runs as the agent's user, whose connections are not redirected. */
        AGENT_UID_TAKEN,
        /** A container's port is one of the agent's. */
        PORT_TAKEN,
        /** An annotation of ours cannot be understood. */
        ANNOTATION_WRONG,
        /** Its system is not Linux. */
        NOT_LINUX,
        /** It is no pod. */
        MALFORMED
    }

    private final Reason reason;

    /**
     * @param message field, value and expectation
     */
    public InjectionRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** With what can be done about it everywhere. */
    static InjectionRefused hard(Reason reason, String message) {
        return new InjectionRefused(
                reason,
                message + "; or opt the pod out by the label " + Names.INJECT + ": \"false\"");
    }
}
