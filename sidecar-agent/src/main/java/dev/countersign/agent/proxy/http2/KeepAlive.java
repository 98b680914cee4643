package dev.countersign.agent.proxy.http2;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the other end of a connection is no longer there although its kernel still answers: when
 * nothing has come for a while and something is waited for, it is asked, and given up when it stays
 * silent. A connection that carries nothing is left alone. Event loop only.
 */
public final class KeepAlive {
    private final Settings settings;
    private final EventLoop loop;
    private final Connection connection;
    private @Nullable Future<?> timer;
    private boolean heard;
    private boolean asked;

    /**
     * How long to wait.
     *
     * @param silence after which the other end is asked
     * @param patience for its answer
     */
    public record Settings(Duration silence, Duration patience) {
        public Settings {
            positive("silence", silence);
            positive("patience", patience);
        }

        private static void positive(String name, Duration value) {
            if (!value.isPositive()) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: > PT0S)");
            }
        }
    }

    KeepAlive(Settings settings, EventLoop loop, Connection connection) {
        this.settings = settings;
        this.loop = loop;
        this.connection = connection;
    }

    /** Something has come. */
    void heard() {
        heard = true;
        asked = false;
    }

    /** Something is waited for. */
    void begin() {
        if (timer == null) {
            heard = true;
            schedule(settings.silence());
        }
    }

    void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void schedule(Duration wait) {
        timer = loop.schedule(this::look, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        timer = null;
        if (!connection.busy()) {
            asked = false;
            return;
        }
        if (asked && !heard) {
            connection.silent();
            return;
        }
        if (!heard) {
            asked = true;
            connection.ask();
        }
        heard = false;
        schedule(asked ? settings.patience() : settings.silence());
    }

    /** Whom it watches. */
    interface Connection {
        /** Whether anything is waited for. */
        boolean busy();

        /** Sends something that must be answered. */
        void ask();

        /** Nobody answered. */
        void silent();
    }
}
