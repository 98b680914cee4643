package dev.countersign.server.kubernetes.pods;

import dev.countersign.server.kubernetes.Following;
import dev.countersign.server.kubernetes.KubernetesConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names under which Services reach a pod: for certificates that others check by DNS name. Only
 * names with their namespace count: a short one means another Service elsewhere. Services of the
 * install namespace lend none, because foreign clients know the server itself by such a name.
 */
public final class ServiceNames implements AutoCloseable {
    /** More would make certificates that handshakes choke on. */
    static final int MOST = 16;

    private final PodIndex pods;
    private final String install;
    private final String clusterDomain;
    private final ServiceStore store = new ServiceStore();
    private final Following<?> services;

    private ServiceNames(KubernetesConnection connection, PodIndex pods, String clusterDomain) {
        this.pods = pods;
        this.install = connection.namespace();
        this.clusterDomain = clusterDomain;
        this.services =
                Following.start(
                        connection,
                        "services",
                        connection.client().services().inAnyNamespace().withLimit(Following.PAGE),
                        store);
    }

    /**
     * Begins to list and to watch.
     *
     * @param clusterDomain as in {@code web.shop.svc.cluster.local}
     */
    public static ServiceNames start(
            KubernetesConnection connection, PodIndex pods, String clusterDomain) {
        return new ServiceNames(connection, pods, clusterDomain);
    }

    /** Sorted; empty when no Service selects the pod. */
    public List<String> of(String podUid) {
        @Nullable PodRecord pod = pods.record(podUid);
        if (pod == null || pod.account.namespace().equals(install)) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, Map<String, String>> service :
                store.in(pod.account.namespace()).entrySet()) {
            if (pod.labels.matches(service.getValue())) {
                String name = service.getKey() + "." + pod.account.namespace() + ".svc";
                names.add(name);
                names.add(name + "." + clusterDomain);
            }
        }
        return names.stream().sorted().limit(MOST).toList();
    }

    /** Whether all Services are known, and changes are heard of. */
    public boolean isLive() {
        return services.isLive();
    }

    /** Why not, for health. */
    public String problem() {
        return services.describe();
    }

    @Override
    public void close() {
        services.close();
    }
}
