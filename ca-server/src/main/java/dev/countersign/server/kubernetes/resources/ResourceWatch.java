package dev.countersign.server.kubernetes.resources;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All objects of one type, in every namespace, kept up to date. While the API server is away nothing
 * is gone; a watch that ended or expired is begun anew, with a whole list where that is needed, and
 * what was deleted meanwhile is told then.
 */
public final class ResourceWatch implements AutoCloseable {
    /** Objects of one answer: a list of all is asked for in parts. */
    private static final long PAGE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(ResourceWatch.class);

    private final ResourceType type;
    private final SharedIndexInformer<GenericKubernetesResource> informer;

    /** Called on one thread of the watch, one change after another; must not wait. */
    public interface Listener {
        /** For who looks when it likes. */
        Listener NONE =
                new Listener() {
                    @Override
                    public void changed(GenericKubernetesResource now) {}

                    @Override
                    public void gone(GenericKubernetesResource last) {}
                };

        void changed(GenericKubernetesResource now);

        void gone(GenericKubernetesResource last);
    }

    public ResourceWatch(KubernetesClient client, ResourceType type, Listener listener) {
        this(client, type, listener, false);
    }

    /** Keeps no more than the heads of objects: the listener takes what it needs of the rest. */
    public static ResourceWatch ofHeads(
            KubernetesClient client, ResourceType type, Listener listener) {
        return new ResourceWatch(client, type, listener, true);
    }

    private ResourceWatch(
            KubernetesClient client, ResourceType type, Listener listener, boolean headsOnly) {
        this.type = type;
        this.informer =
                client.genericKubernetesResources(type.context())
                        .inAnyNamespace()
                        .withLimit(PAGE)
                        .runnableInformer(0)
                        .itemStore(new TrimmedStore(headsOnly))
                        .addEventHandler(handler(listener))
                        .exceptionHandler((started, failure) -> {
                            LOG.atDebug()
                                    .addKeyValue("resource", type.plural() + "." + type.group())
                                    .addKeyValue("reason", failure.toString())
                                    .log("watch failed, trying again");
                            return true;
                        });
    }

    public ResourceType type() {
        return type;
    }

    /** Returns at once; {@link #hasSynced} tells when everything is known. */
    public void start() {
        informer.start();
    }

    /** Whether everything there was at the start has come. */
    public boolean hasSynced() {
        return informer.hasSynced();
    }

    /** Whether changes come in now; if not, they come in later. */
    public boolean isWatching() {
        return informer.isWatching();
    }

    /** What is known now. */
    public List<GenericKubernetesResource> all() {
        return informer.getStore().list();
    }

    /**
     * @param namespace empty for those of the cluster
     */
    public Optional<GenericKubernetesResource> find(String namespace, String name) {
        String key = namespace.isEmpty() ? name : namespace + "/" + name;
        return Optional.ofNullable(informer.getStore().getByKey(key));
    }

    @Override
    public void close() {
        informer.close();
    }

    private static ResourceEventHandler<GenericKubernetesResource> handler(Listener listener) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource now) {
                listener.changed(now);
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
                listener.changed(now);
            }

            @Override
            public void onDelete(GenericKubernetesResource last, boolean unknown) {
                listener.gone(last);
            }
        };
    }
}
