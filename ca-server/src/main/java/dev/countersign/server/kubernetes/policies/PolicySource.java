package dev.countersign.server.kubernetes.policies;

import dev.countersign.server.distribution.WrittenPolicies;
import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.resources.ResourceType;
import dev.countersign.server.kubernetes.resources.ResourceWatch;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches policies and puts them into force, all of them together when they have come. Afterwards a
 * change is in force within a fraction of a second, and nothing is ever taken out of force because the
 * API server is away: only what it says was deleted is gone.
 */
public final class PolicySource implements AutoCloseable {
    private static final List<ResourceKind> OURS =
            List.of(
                    ResourceKind.AUTHORIZATION_POLICY,
                    ResourceKind.PEER_AUTHENTICATION,
                    ResourceKind.REQUEST_AUTHENTICATION);
    private static final String ISTIO = "security.istio.io";
    private static final List<String> ISTIO_VERSIONS = List.of("v1", "v1beta1");

    /** What is applied together comes within this of each other. */
    private static final long SETTLE_MILLIS = 20;

    /** A stream of changes does not put off what came first for longer. */
    private static final long LONGEST_SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What could not be put into force is tried again, and Istio's kinds are looked for. */
    private static final long AGAIN_MILLIS = 1_000;

    private static final long ISTIO_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Logger LOG = LoggerFactory.getLogger(PolicySource.class);

    private final KubernetesClient client;
    private final WrittenPolicies policies;
    private final boolean istio;
    private final LinkedBlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final List<ResourceWatch> watches = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private boolean istioWatched;
    private long istioAsked;
    private volatile boolean complete;

    /** @param object null: it is gone */
    private record Change(ResourceType type, GenericKubernetesResource object, boolean gone) {}

    /**
     * @param istio whether policies of {@code security.istio.io} are read too, where they exist
     */
    public PolicySource(KubernetesClient client, WrittenPolicies policies, boolean istio) {
        this.client = client;
        this.policies = policies;
        this.istio = istio;
        this.thread = Thread.ofPlatform().daemon().name("policy-objects").unstarted(this::run);
    }

    public void start() {
        OURS.forEach(kind -> watch(ResourceType.of(kind)));
        thread.start();
    }

    /** Whether everything that is written has come, once. */
    public boolean isComplete() {
        return complete;
    }

    /** What is watched; each knows its objects. */
    public List<ResourceWatch> watches() {
        return List.copyOf(watches);
    }

    @Override
    public void close() {
        thread.interrupt();
        watches.forEach(ResourceWatch::close);
    }

    private void watch(ResourceType type) {
        ResourceWatch watch =
                new ResourceWatch(
                        client,
                        type,
                        new ResourceWatch.Listener() {
                            @Override
                            public void changed(GenericKubernetesResource now) {
                                changes.add(new Change(type, now, false));
                            }

                            @Override
                            public void gone(GenericKubernetesResource last) {
                                changes.add(new Change(type, last, true));
                            }
                        });
        watches.add(watch);
        watch.start();
    }

    private void run() {
        boolean unpublished = false;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                lookForIstio();
                Change change =
                        changes.poll(
                                complete ? AGAIN_MILLIS : SETTLE_MILLIS, TimeUnit.MILLISECONDS);
                unpublished |= change != null;
                takeIn(change);
                if (!complete && isReady()) {
                    complete = true;
                    unpublished = true;
                }
                if (complete && (unpublished || change == null)) {
                    policies.publish();
                    unpublished = false;
                }
            }
        } catch (InterruptedException ended) {
            LOG.atDebug().log("policies no longer watched");
        }
    }

    /** One change, and those that come right after it. */
    private void takeIn(@Nullable Change first) throws InterruptedException {
        long began = System.nanoTime();
        Change change = first;
        while (change != null) {
            apply(change);
            change =
                    System.nanoTime() - began > LONGEST_SETTLE_NANOS
                            ? null
                            : changes.poll(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void apply(Change change) {
        if (change.gone()) {
            policies.remove(PolicyDocument.key(change.type(), change.object()));
        } else {
            policies.put(PolicyDocument.of(change.type(), change.object()));
        }
    }

    private boolean isReady() {
        return (!istio || istioAsked != 0)
                && watches.stream().allMatch(ResourceWatch::hasSynced)
                && changes.isEmpty();
    }

    /** Their definitions may come later than this server. */
    private void lookForIstio() {
        long now = System.nanoTime();
        if (!istio || istioWatched || (istioAsked != 0 && now - istioAsked < ISTIO_NANOS)) {
            return;
        }
        try {
            List<ResourceType> served = served();
            istioAsked = now;
            if (!served.isEmpty()) {
                istioWatched = true;
                served.forEach(this::watch);
                LOG.atInfo()
                        .addKeyValue("version", served.getFirst().version())
                        .log("policies of security.istio.io are read too");
            }
        } catch (KubernetesClientException away) {
            LOG.atDebug()
                    .addKeyValue("reason", ApiFailure.describe(away))
                    .log("cannot ask for security.istio.io now");
        }
    }

    private List<ResourceType> served() {
        for (String version : ISTIO_VERSIONS) {
            @Nullable APIResourceList found = client.getApiResources(ISTIO + "/" + version);
            if (found != null && found.getResources() != null) {
                List<ResourceType> types = new ArrayList<>();
                for (ResourceKind kind : OURS) {
                    boolean there =
                            found.getResources().stream()
                                    .anyMatch(one -> one.getName().equals(kind.plural()));
                    if (there) {
                        types.add(
                                new ResourceType(ISTIO, version, kind.kind(), kind.plural(), true));
                    }
                }
                if (!types.isEmpty()) {
                    return types;
                }
            }
        }
        return List.of();
    }
}
