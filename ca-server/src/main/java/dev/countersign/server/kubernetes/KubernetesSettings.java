package dev.countersign.server.kubernetes;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which cluster, and as whom.
 *
 * @param access how the API server is reached
 * @param namespace where Countersign is installed; empty = that of the pod, or of the kubeconfig's
 *     context, or {@link #DEFAULT_NAMESPACE}
 * @param leader who decides which replica drives rotations
 * @param trustConfigMap what the trust bundle is called in every namespace; empty = not published
 * @param clusterDomain what names of Services end in
 * @param allowOldKubernetes whether an API server below {@link KubernetesVersion#OLDEST} is used
 *     nevertheless, with a warning
 */
public record KubernetesSettings(
        Access access,
        Optional<String> namespace,
        Leader leader,
        Optional<String> trustConfigMap,
        String clusterDomain,
        boolean allowOldKubernetes) {
    public static final String DEFAULT_NAMESPACE = "countersign-system";
    public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";
    public static final String DEFAULT_TRUST_CONFIG_MAP = "countersign-trust";

    /** Of a cluster that is reached so, with nothing published in it. */
    public static KubernetesSettings of(
            Access access, Optional<String> namespace, boolean allowOldKubernetes) {
        return new KubernetesSettings(
                access,
                namespace,
                Leader.LEASE,
                Optional.empty(),
                DEFAULT_CLUSTER_DOMAIN,
                allowOldKubernetes);
    }

    /** Who decides which replica does what one is enough for. */
    public enum Leader {
        /** A Lease of the cluster's. */
        LEASE,
        /** A lock of the database, for rotations; what is done in the cluster goes by the Lease. */
        DATABASE
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
