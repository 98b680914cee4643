package dev.countersign.server.kubernetes.pods;

import dev.countersign.runtime.Health;
import dev.countersign.server.attestation.Pod;
import dev.countersign.server.attestation.kubernetes.ClusterPods;
import dev.countersign.server.attestation.kubernetes.ClusterUnavailable;
import dev.countersign.server.kubernetes.ApiUnanswered;
import dev.countersign.server.kubernetes.Following;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Keeps the {@link PodIndex} in step with the API server. */
public final class PodWatch implements ClusterPods, AutoCloseable {
    /** Of the part in health. */
    public static final String PART = "pods";

    private static final Duration ASK_FOR = Duration.ofSeconds(5);

    private final KubernetesConnection connection;
    private final PodIndex index;
    private final List<Following<?>> followings;

    private PodWatch(KubernetesConnection connection, PodIndex index) {
        this.connection = connection;
        this.index = index;
        KubernetesClient client = connection.client();
        this.followings =
                List.of(
                        Following.start(
                                connection,
                                "pods",
                                client.pods().inAnyNamespace().withLimit(Following.PAGE),
                                new PodStore(index)),
                        Following.start(
                                connection,
                                "serviceaccounts",
                                client.serviceAccounts().inAnyNamespace().withLimit(Following.PAGE),
                                new AccountStore(index)));
        index.completeWhen(this::isSynced);
    }

    /** Begins to list and to watch; returns before anything is known. */
    public static PodWatch start(KubernetesConnection connection, PodIndex index) {
        return new PodWatch(connection, index);
    }

    /** Whether all pods that there were at the start are known. */
    public boolean isSynced() {
        return followings.stream().allMatch(Following::isSynced);
    }

    @Override
    public boolean isLive() {
        return followings.stream().allMatch(Following::isLive);
    }

    @Override
    public Standing standing(String podUid) {
        return index.standing(podUid);
    }

    @Override
    public void reviewed(String podUid) {
        index.reviewed(podUid);
    }

    @Override
    public Optional<Pod> ask(String namespace, String name) throws ClusterUnavailable {
        try {
            Optional<io.fabric8.kubernetes.api.model.Pod> found =
                    connection.ask(
                            ASK_FOR,
                            "get pods",
                            client ->
                                    Optional.ofNullable(
                                            client.pods()
                                                    .inNamespace(namespace)
                                                    .withName(name)
                                                    .get()));
            found.ifPresent(index::put);
            return found.flatMap(pod -> index.byUid(pod.getMetadata().getUid()));
        } catch (ApiUnanswered unanswered) {
            throw new ClusterUnavailable(unanswered.getMessage());
        }
    }

    /** Why changes are not heard of, for people. */
    public String problem() {
        return followings.stream()
                .filter(following -> !following.isLive())
                .map(Following::describe)
                .collect(Collectors.joining("; "));
    }

    /** Not ready before everything is known; degraded while changes are not heard of. */
    public void review(Health health) {
        for (Following<?> following : followings) {
            if (!following.isSynced()) {
                health.down(PART, following.describe());
                return;
            }
        }
        followings.stream()
                .filter(following -> !following.isLive())
                .findFirst()
                .ifPresentOrElse(
                        following -> health.degraded(PART, following.describe()),
                        () -> health.up(PART));
    }

    @Override
    public void close() {
        followings.forEach(Following::close);
    }
}
