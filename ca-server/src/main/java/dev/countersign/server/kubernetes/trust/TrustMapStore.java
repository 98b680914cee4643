package dev.countersign.server.kubernetes.trust;

import dev.countersign.server.kubernetes.IndexedStore;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Our ConfigMaps, by namespace: what is in them, as far as it tells whether to put them right. */
final class TrustMapStore extends IndexedStore<ConfigMap> {
    private final Published published;
    private final String install;

    TrustMapStore(Published published, String install) {
        this.published = published;
        this.install = install;
    }

    @Override
    public String getKey(ConfigMap map) {
        return map.getMetadata().getNamespace();
    }

    @Override
    public @Nullable ConfigMap put(String namespace, ConfigMap map) {
        ConfigMap before = get(namespace);
        Map<String, String> labels = map.getMetadata().getLabels();
        if (labels == null || !install.equals(labels.get(TrustPublisher.INSTALL))) {
            published.another(namespace);
        } else {
            published.applied(namespace, map.getData() == null ? Map.of() : map.getData());
        }
        return before;
    }

    @Override
    public @Nullable ConfigMap remove(String namespace) {
        return published.missing(namespace) ? stub(namespace) : null;
    }

    @Override
    public Stream<String> keySet() {
        return published.contents().keySet().stream();
    }

    @Override
    public int size() {
        return published.contents().size();
    }

    @Override
    public @Nullable ConfigMap get(String namespace) {
        return published.contents().containsKey(namespace) ? stub(namespace) : null;
    }

    private static ConfigMap stub(String namespace) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("trust")
                .endMetadata()
                .build();
    }
}
