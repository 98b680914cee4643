package dev.countersign.server.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One kind of object, listed and watched for as long as this process lives, whatever happens to the
 * API server meanwhile: a watch that ends is resumed, one that is too old lists again, and failures
 * are tried again for ever.
 */
public final class Following<T extends HasMetadata> implements AutoCloseable {
    /** Objects of one answer to a list: a cluster's pods at once would be half a gigabyte. */
    public static final long PAGE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(Following.class);

    private final KubernetesConnection connection;
    private final String what;
    private final SharedIndexInformer<T> informer;
    private volatile @Nullable String failure;

    private Following(
            KubernetesConnection connection, String what, SharedIndexInformer<T> informer) {
        this.connection = connection;
        this.what = what;
        this.informer = informer;
    }

    /**
     * Starts; returns before anything is known.
     *
     * @param what the resource, as RBAC names it
     * @param store the cache; what it is given counts from that moment on
     */
    public static <T extends HasMetadata> Following<T> start(
            KubernetesConnection connection,
            String what,
            Informable<T> objects,
            ItemStore<T> store) {
        SharedIndexInformer<T> informer = objects.runnableInformer(0);
        Following<T> following = new Following<>(connection, what, informer);
        informer.removeNamespaceIndex();
        informer.itemStore(store).exceptionHandler(following::failed).start();
        return following;
    }

    /** Whether everything that there was at the start is known. */
    public boolean isSynced() {
        return informer.hasSynced();
    }

    /** Whether changes are heard of as they happen. */
    public boolean isLive() {
        return informer.hasSynced() && connection.isWatched(what);
    }

    /** How it is, for health. */
    public String describe() {
        String why =
                connection
                        .watchFailure(what)
                        .or(() -> Optional.ofNullable(failure))
                        .map(text -> ": " + text)
                        .orElse("");
        return what
                + (informer.hasSynced() ? ": changes are not heard of" : ": not listed yet")
                + why;
    }

    @Override
    public void close() {
        informer.stop();
    }

    /** @return whether to go on, which is always */
    private boolean failed(boolean started, Throwable cause) {
        Throwable inner = cause instanceof CompletionException ? cause.getCause() : cause;
        String shown =
                inner instanceof KubernetesClientException refused
                        ? ApiFailure.describe(refused)
                        : String.valueOf(inner);
        if (!shown.equals(failure)) {
            LOG.atWarn()
                    .addKeyValue("resource", what)
                    .addKeyValue("reason", shown)
                    .log("list or watch interrupted, trying again");
        }
        failure = shown;
        return true;
    }
}
