package dev.countersign.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what was registered, last first, once. Register each thing when it is made: a start that
 * fails half-way then leaves nothing behind.
 */
public final class Closer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closer.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    public synchronized <T extends AutoCloseable> T register(T closeable) {
        open.push(closeable);
        return closeable;
    }

    /** Closes everything even if some of it fails; failures are logged. */
    @Override
    public void close() {
        AutoCloseable next;
        while ((next = pop()) != null) {
            try {
                next.close();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (Exception failed) {
                LOG.atWarn().setCause(failed).log("closing failed");
            }
        }
    }

    private synchronized @org.jspecify.annotations.Nullable AutoCloseable pop() {
        return open.poll();
    }
}
