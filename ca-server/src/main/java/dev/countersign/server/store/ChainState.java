package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A chain this process writes: where it stands as of the last commit, and its intents that wait for
 * an outcome, oldest first. Owned by the writer thread; changed after a commit, never before.
 */
final class ChainState {
    private final long number;
    private final String name;
    private final Map<String, Long> open = new LinkedHashMap<>();
    private Head head;

    ChainState(long number, String name, Head head) {
        this.number = number;
        this.name = name;
        this.head = head;
    }

    long number() {
        return number;
    }

    String name() {
        return name;
    }

    Head head() {
        return head;
    }

    void advanceTo(Head next) {
        head = next;
    }

    void opened(String serial, long sequence) {
        open.put(serial, sequence);
    }

    void concluded(String serial) {
        open.remove(serial);
    }

    /** Sequence number of an intent that waits for its outcome. */
    @Nullable Long openIntent(String serial) {
        return open.get(serial);
    }

    /** No intent with a smaller number waits. */
    long openFrom(long otherwise) {
        return open.isEmpty() ? otherwise : open.values().iterator().next();
    }
}
