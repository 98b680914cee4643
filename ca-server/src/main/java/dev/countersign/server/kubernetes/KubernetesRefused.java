package dev.countersign.server.kubernetes;

/** The cluster cannot be used as it is configured; waiting would not help. */
public final class KubernetesRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        /** Neither in a pod nor a kubeconfig. */
        KUBERNETES_NOT_CONFIGURED,
        KUBERNETES_TOO_OLD,
        /** The API server does not know who we are. */
        KUBERNETES_UNAUTHENTICATED,
        /** The API server answers with something else than expected. */
        KUBERNETES_MALFORMED
    }

    private final Reason reason;

    public KubernetesRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
