package dev.countersign.server.kubernetes.pods;

import dev.countersign.server.kubernetes.IndexedStore;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The selectors of Services that have one, by namespace and name, as the informer's cache. */
final class ServiceStore extends IndexedStore<Service> {
    private static final String EXTERNAL = "ExternalName";

    private final Map<String, Map<String, Map<String, String>>> selectors =
            new ConcurrentHashMap<>();

    /** Of one namespace, by name. */
    Map<String, Map<String, String>> in(String namespace) {
        return selectors.getOrDefault(namespace, Map.of());
    }

    @Override
    public String getKey(Service service) {
        return service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
    }

    @Override
    public @Nullable Service put(String key, Service service) {
        Service before = get(key);
        Map<String, String> selector =
                service.getSpec() == null ? null : service.getSpec().getSelector();
        boolean selects =
                selector != null
                        && !selector.isEmpty()
                        && !EXTERNAL.equals(service.getSpec().getType());
        if (selects) {
            selectors
                    .computeIfAbsent(namespace(key), ns -> new ConcurrentHashMap<>())
                    .put(name(key), Map.copyOf(selector));
        } else {
            remove(key);
        }
        return before;
    }

    @Override
    public @Nullable Service remove(String key) {
        Service before = get(key);
        Map<String, Map<String, String>> own = selectors.get(namespace(key));
        if (own != null) {
            own.remove(name(key));
        }
        return before;
    }

    @Override
    public Stream<String> keySet() {
        return selectors.entrySet().stream()
                .flatMap(own -> own.getValue().keySet().stream().map(n -> own.getKey() + "/" + n));
    }

    @Override
    public int size() {
        return (int) keySet().count();
    }

    @Override
    public @Nullable Service get(String key) {
        return in(namespace(key)).containsKey(name(key)) ? stub(key) : null;
    }

    private static String namespace(String key) {
        return key.substring(0, key.indexOf('/'));
    }

    private static String name(String key) {
        return key.substring(key.indexOf('/') + 1);
    }

    private static Service stub(String key) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace(key))
                .withName(name(key))
                .endMetadata()
                .build();
    }
}
