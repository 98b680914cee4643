package dev.countersign.server.kubernetes.trust;

import dev.countersign.server.kubernetes.IndexedStore;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Namespaces that are not being deleted, by name: nothing can be made in one that is. */
final class NamespaceStore extends IndexedStore<Namespace> {
    private static final String ACTIVE = "Active";

    private final Published published;

    NamespaceStore(Published published) {
        this.published = published;
    }

    @Override
    public String getKey(Namespace namespace) {
        return namespace.getMetadata().getName();
    }

    @Override
    public @Nullable Namespace put(String name, Namespace namespace) {
        Namespace before = get(name);
        boolean active =
                namespace.getStatus() == null
                        || namespace.getStatus().getPhase() == null
                        || namespace.getStatus().getPhase().equals(ACTIVE);
        if (active) {
            published.namespace(name);
        } else {
            published.forget(name);
        }
        return before;
    }

    @Override
    public @Nullable Namespace remove(String name) {
        return published.forget(name) ? stub(name) : null;
    }

    @Override
    public Stream<String> keySet() {
        return published.namespaces().stream();
    }

    @Override
    public int size() {
        return published.namespaces().size();
    }

    @Override
    public @Nullable Namespace get(String name) {
        return published.namespaces().contains(name) ? stub(name) : null;
    }

    private static Namespace stub(String name) {
        return new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
    }
}
