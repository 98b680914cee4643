package dev.countersign.server.kubernetes.pods;

import dev.countersign.server.kubernetes.IndexedStore;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the informer takes for its cache, and is the index: the key is the UID, and what comes back
 * out is a stub, enough to be recognised by. So no pod is held twice, and an event counts before
 * anybody is told of it.
 */
final class PodStore extends IndexedStore<Pod> {
    private final PodIndex index;

    PodStore(PodIndex index) {
        this.index = index;
    }

    @Override
    public String getKey(Pod pod) {
        return pod.getMetadata().getUid();
    }

    @Override
    public @Nullable Pod put(String uid, Pod pod) {
        return index.put(pod) ? stub(uid) : null;
    }

    @Override
    public @Nullable Pod remove(String uid) {
        return index.remove(uid) ? stub(uid) : null;
    }

    @Override
    public Stream<String> keySet() {
        return index.uids();
    }

    @Override
    public int size() {
        return index.size();
    }

    @Override
    public @Nullable Pod get(String uid) {
        return index.record(uid) == null ? null : stub(uid);
    }

    private static Pod stub(String uid) {
        return new PodBuilder().withNewMetadata().withUid(uid).endMetadata().build();
    }
}
