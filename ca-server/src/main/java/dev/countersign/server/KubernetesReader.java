package dev.countersign.server;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.kubernetes.KubernetesSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads {@code kubernetes}: the cluster this server works for. Without the section there is none.
 *
 * <pre>{@code
 * kubernetes: {}                      # in a pod: its service account
 *
 * kubernetes:
 *   kubeconfig: admin.kubeconfig      # from outside
 *   context: production               # default: its current one
 *   namespace: countersign-system     # where Countersign is installed; default: the pod's own
 *   leader: lease                     # of rotations; or database
 *   publishTrust: true                # as a ConfigMap in every namespace
 *   trustConfigMap: countersign-trust # its name
 *   clusterDomain: cluster.local      # of Services' names
 *   allowOldKubernetes: false         # below 1.29, not supported
 * }</pre>
 */
final class KubernetesReader {
    private static final String SECTION = "kubernetes";

    private final ConfigReader reader;

    KubernetesReader(ConfigReader reader) {
        this.reader = reader;
    }

    Optional<KubernetesSettings> read() {
        Optional<Path> kubeconfig = reader.path("kubernetes.kubeconfig").optional();
        Optional<String> context = reader.string("kubernetes.context").optional();
        Optional<String> namespace =
                reader.string("kubernetes.namespace")
                        .check(ServiceAccountName::isNamespace, "a Kubernetes namespace")
                        .optional();
        KubernetesSettings.Leader leader =
                reader.enumeration("kubernetes.leader", KubernetesSettings.Leader.class)
                        .orDefault(KubernetesSettings.Leader.LEASE);
        boolean publish = reader.bool("kubernetes.publishTrust").orDefault(true);
        String trust =
                reader.string("kubernetes.trustConfigMap")
                        .check(ServiceAccountName::isName, "the name of a ConfigMap")
                        .orDefault(KubernetesSettings.DEFAULT_TRUST_CONFIG_MAP);
        String domain =
                reader.string("kubernetes.clusterDomain")
                        .check(ServiceAccountName::isName, "a DNS name")
                        .orDefault(KubernetesSettings.DEFAULT_CLUSTER_DOMAIN);
        boolean old = reader.bool("kubernetes.allowOldKubernetes").orDefault(false);
        if (context.isPresent() && kubeconfig.isEmpty()) {
            reader.problem("kubernetes.context", context.get(), "none without kubeconfig");
        }
        if (!reader.has(SECTION) && kubeconfig.isEmpty()) {
            return Optional.empty();
        }
        KubernetesSettings.Access access =
                kubeconfig
                        .<KubernetesSettings.Access>map(
                                file -> new KubernetesSettings.Kubeconfig(file, context))
                        .orElseGet(KubernetesSettings.InCluster::new);
        return Optional.of(
                new KubernetesSettings(
                        access,
                        namespace,
                        leader,
                        publish ? Optional.of(trust) : Optional.empty(),
                        domain,
                        old));
    }
}
