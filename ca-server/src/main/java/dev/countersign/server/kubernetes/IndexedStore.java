package dev.countersign.server.kubernetes;

import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.stream.Stream;

/**
 * An informer's cache that is an index of ours: of each object it keeps what matters to us, under a key
 * of its choice, and gives back a stub that says no more than which object it was. So nothing is held
 * twice, and an event counts before anybody is told of it.
 */
public abstract class IndexedStore<T> implements ItemStore<T> {
    @Override
    public final Stream<T> values() {
        // One may go between the two looks.
        return keySet().flatMap(key -> Stream.ofNullable(get(key)));
    }

    /** A stub is less than the object, and the informer is told so. */
    @Override
    public final boolean isFullState() {
        return false;
    }
}
