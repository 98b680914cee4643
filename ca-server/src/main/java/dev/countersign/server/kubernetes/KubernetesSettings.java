package dev.countersign.server.kubernetes;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which cluster, and as whom.
 *
 * @param access how the API server is reached
 * @param namespace where Countersign is installed; empty = that of the pod, or of the kubeconfig's
 *     context, or {@link #DEFAULT_NAMESPACE}
 * @param allowOldKubernetes whether an API server below {@link KubernetesVersion#OLDEST} is used
 *     nevertheless, with a warning
 */
public record KubernetesSettings(
        Access access, Optional<String> namespace, boolean allowOldKubernetes) {
    public static final String DEFAULT_NAMESPACE = "countersign-system";

    /** Defaults for a cluster that is reached so. */
    public static KubernetesSettings of(
            Access access, Optional<String> namespace, boolean allowOldKubernetes) {
        return new KubernetesSettings(access, namespace, allowOldKubernetes);
    }

    /** How the API server is reached. */
    public sealed interface Access {}

    /** From a pod: its service account's token and roots, and the environment's address. */
    public record InCluster() implements Access {}

    /**
     * From anywhere.
     *
     * @param file a kubeconfig
     * @param context one of its contexts; empty = its current one
     */
    public record Kubeconfig(Path file, Optional<String> context) implements Access {}
}
