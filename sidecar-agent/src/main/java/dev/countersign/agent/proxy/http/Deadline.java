package dev.countersign.agent.proxy.http;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One deadline of one connection, moved often and missed rarely: moving it later costs a field, not
 * a timer. Event loop only.
 */
public final class Deadline {
    private final EventLoop loop;
    private final Runnable missed;
    private boolean armed;
    private long due;
    private boolean scheduled;
    private long scheduledFor;
    private io.netty.util.concurrent.@Nullable Future<?> timer;

    public Deadline(EventLoop loop, Runnable missed) {
        this.loop = loop;
        this.missed = missed;
    }

    public boolean armed() {
        return armed;
    }

    public void arm(Duration in) {
        armed = true;
        due = System.nanoTime() + in.toNanos();
        if (scheduled && scheduledFor - due > 0) {
            cancelTimer();
        }
        if (!scheduled) {
            schedule();
        }
    }

    public void disarm() {
        armed = false;
    }

    /** For good: the connection is gone. */
    public void cancel() {
        armed = false;
        cancelTimer();
    }

    private void schedule() {
        scheduled = true;
        scheduledFor = due;
        timer = loop.schedule(this::fire, due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        scheduled = false;
    }

    private void fire() {
        scheduled = false;
        timer = null;
        if (!armed) {
            return;
        }
        if (due - System.nanoTime() > 0) {
            schedule();
        } else {
            armed = false;
            missed.run();
        }
    }
}
