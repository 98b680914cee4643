package dev.countersign.server.kubernetes.resources;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a watch keeps of objects: without who manages which field and what kubectl applied last, which
 * are often most of it; and of some kinds the head alone.
 */
final class TrimmedStore implements ItemStore<GenericKubernetesResource> {
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private final Map<String, GenericKubernetesResource> items = new ConcurrentHashMap<>();
    private final boolean headsOnly;

    TrimmedStore(boolean headsOnly) {
        this.headsOnly = headsOnly;
    }

    @Override
    public String getKey(GenericKubernetesResource object) {
        return Cache.metaNamespaceKeyFunc(object);
    }

    @Override
    public @Nullable GenericKubernetesResource put(String key, GenericKubernetesResource object) {
        return items.put(key, trimmed(object));
    }

    @Override
    public @Nullable GenericKubernetesResource remove(String key) {
        return items.remove(key);
    }

    @Override
    public Stream<String> keySet() {
        return items.keySet().stream();
    }

    @Override
    public Stream<GenericKubernetesResource> values() {
        return items.values().stream();
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public @Nullable GenericKubernetesResource get(String key) {
        return items.get(key);
    }

    private GenericKubernetesResource trimmed(GenericKubernetesResource object) {
        GenericKubernetesResource kept = new GenericKubernetesResource();
        kept.setApiVersion(object.getApiVersion());
        kept.setKind(object.getKind());
        kept.setMetadata(metadata(object.getMetadata()));
        if (!headsOnly) {
            kept.setAdditionalProperties(object.getAdditionalProperties());
        }
        return kept;
    }

    private static ObjectMeta metadata(ObjectMeta full) {
        ObjectMetaBuilder kept = new ObjectMetaBuilder(full).withManagedFields();
        if (full.getAnnotations() != null) {
            Map<String, String> annotations = new HashMap<>(full.getAnnotations());
            annotations.remove(LAST_APPLIED);
            kept.withAnnotations(annotations);
        }
        return kept.build();
    }
}
