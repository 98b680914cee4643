package dev.countersign.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what was registered, last first, once. Register each thing when it is made: a start that
 * fails half-way then leaves nothing behind.
 */
public final class Closer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closer.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean closed;

    /**
     * Takes it over and hands it back for use.
     *
     * @throws IllegalStateException when this closer is closed; the closeable is closed then, too
     */
    public <T extends AutoCloseable> T register(T closeable) {
        synchronized (this) {
            if (!closed) {
                open.push(closeable);
                return closeable;
            }
        }
        close(closeable);
        throw new IllegalStateException(
                closeable.getClass().getSimpleName() + ": registered after the close");
    }

    /** Closes everything even if some of it fails; failures are logged. */
    @Override
    public void close() {
        AutoCloseable next;
        while ((next = pop()) != null) {
            close(next);
        }
    }

    private synchronized @Nullable AutoCloseable pop() {
        closed = true;
        return open.poll();
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (Exception failed) {
            LOG.atWarn().setCause(failed).log("closing failed");
        }
    }
}
