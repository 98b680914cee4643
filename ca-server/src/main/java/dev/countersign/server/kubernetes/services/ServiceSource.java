package dev.countersign.server.kubernetes.services;

import dev.countersign.server.distribution.ServiceDirectory;
import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.resources.ResourceType;
import dev.countersign.server.kubernetes.resources.ResourceWatch;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches Services and EndpointSlices, and publishes the directory: first when all of them have come,
 * then within a fraction of a second of each change. A roll-out changes slices many times a second:
 * what comes together is published together.
 */
public final class ServiceSource implements AutoCloseable {
    private static final ResourceType SERVICES =
            new ResourceType("", "v1", "Service", "services", true);
    private static final String DISCOVERY = "discovery.k8s.io";
    private static final List<String> VERSIONS = List.of("v1", "v1beta1");
    private static final long SETTLE_MILLIS = 50;
    private static final long LONGEST_SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long AGAIN_MILLIS = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(ServiceSource.class);

    private final KubernetesClient client;
    private final ServiceDirectory directory;
    private final ServiceEntries entries;
    private final LinkedBlockingQueue<Consumer<ServiceEntries>> changes =
            new LinkedBlockingQueue<>();
    private final List<ResourceWatch> watches = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean complete;

    public ServiceSource(KubernetesClient client, ServiceDirectory directory, MeshedPods pods) {
        this.client = client;
        this.directory = directory;
        this.entries = new ServiceEntries(pods);
        this.thread = Thread.ofPlatform().daemon().name("service-objects").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Whether all Services have come, once. */
    public boolean isComplete() {
        return complete;
    }

    /** A pod came, went, or changed its labels: any thread. */
    public void podChanged(String uid) {
        changes.add(all -> all.podChanged(uid));
    }

    @Override
    public void close() {
        thread.interrupt();
        watches.forEach(ResourceWatch::close);
    }

    private void run() {
        boolean unpublished = true;
        try {
            startWatches();
            while (!Thread.currentThread().isInterrupted()) {
                Consumer<ServiceEntries> change =
                        changes.poll(
                                complete ? AGAIN_MILLIS : SETTLE_MILLIS, TimeUnit.MILLISECONDS);
                unpublished |= change != null;
                takeIn(change);
                complete |=
                        changes.isEmpty() && watches.stream().allMatch(ResourceWatch::hasSynced);
                if (complete && unpublished) {
                    directory.publish(entries.all());
                    unpublished = false;
                }
            }
        } catch (InterruptedException ended) {
            LOG.atDebug().log("services no longer watched");
        }
    }

    private void takeIn(@Nullable Consumer<ServiceEntries> first) throws InterruptedException {
        long began = System.nanoTime();
        Consumer<ServiceEntries> change = first;
        while (change != null) {
            change.accept(entries);
            change =
                    System.nanoTime() - began > LONGEST_SETTLE_NANOS
                            ? null
                            : changes.poll(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void startWatches() throws InterruptedException {
        Optional<ResourceType> slices = sliceType();
        while (slices.isEmpty()) {
            Thread.sleep(AGAIN_MILLIS);
            slices = sliceType();
        }
        watch(SERVICES, services());
        watch(slices.get(), slices());
    }

    private void watch(ResourceType type, ResourceWatch.Listener listener) {
        ResourceWatch watch = ResourceWatch.ofHeads(client, type, listener);
        watches.add(watch);
        watch.start();
    }

    /** The newest version that this API server has. */
    private Optional<ResourceType> sliceType() {
        try {
            for (String version : VERSIONS) {
                @Nullable APIResourceList found = client.getApiResources(DISCOVERY + "/" + version);
                boolean there =
                        found != null
                                && new ArrayList<>(found.getResources())
                                        .stream()
                                                .anyMatch(one ->
                                                        one.getName().equals("endpointslices"));
                if (there) {
                    return Optional.of(
                            new ResourceType(
                                    DISCOVERY, version, "EndpointSlice", "endpointslices", true));
                }
            }
        } catch (KubernetesClientException away) {
            LOG.atDebug()
                    .addKeyValue("reason", ApiFailure.describe(away))
                    .log("cannot ask for EndpointSlices now");
        }
        return Optional.empty();
    }

    private ResourceWatch.Listener services() {
        return new ResourceWatch.Listener() {
            @Override
            public void changed(GenericKubernetesResource now) {
                ServiceEntries.ServiceObject service = ServiceReader.service(now);
                changes.add(all -> all.put(service));
            }

            @Override
            public void gone(GenericKubernetesResource last) {
                ServiceEntries.Name name = ServiceReader.name(last);
                changes.add(all -> all.removeService(name));
            }
        };
    }

    private ResourceWatch.Listener slices() {
        return new ResourceWatch.Listener() {
            @Override
            public void changed(GenericKubernetesResource now) {
                ServiceReader.slice(now).ifPresent(slice -> changes.add(all -> all.put(slice)));
            }

            @Override
            public void gone(GenericKubernetesResource last) {
                String name = last.getMetadata().getName();
                ServiceReader.serviceOf(last)
                        .ifPresent(service -> changes.add(all -> all.removeSlice(service, name)));
            }
        };
    }
}
