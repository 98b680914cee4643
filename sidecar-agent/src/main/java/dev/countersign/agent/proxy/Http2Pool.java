package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http2.Http2Back;
import dev.countersign.agent.proxy.http2.Http2Upstreams;
import dev.countersign.agent.proxy.http2.Overloaded;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * HTTP/2 connections to one destination, of one event loop and one source identity: the first that
 * takes one more stream is used, another is made when none does. Those of an older identity finish
 * what they carry.
 */
final class Http2Pool implements Http2Upstreams {
    private final EventLoop loop;
    private final Settings settings;
    private final Dialer dialer;
    private final List<Http2Back> open = new ArrayList<>(1);
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private int dialling;
    private boolean sweeping;
    private boolean closed;

    Http2Pool(EventLoop loop, Settings settings, Dialer dialer) {
        this.loop = loop;
        this.settings = settings;
        this.dialer = dialer;
    }

    /** Connections to one place outside, kept for whoever has requests for it. */
    static Http2Pool towards(Shared shared, Connector connector, EventLoop loop) {
        return new Http2Pool(
                loop,
                new Settings(
                        shared.limits().http2().connections(),
                        shared.limits().http2().streams(),
                        shared.limits().timeout(Timeout.POOL_IDLE),
                        false,
                        shared.tls()::generation),
                new PeerDialer(shared.limits().http2(), connector, loop));
    }

    @Override
    public void acquire(boolean fresh, Waiter waiter) {
        long generation = settings.generation().getAsLong();
        if (!fresh && waiting.isEmpty()) {
            for (int i = 0; i < open.size(); i++) {
                Http2Back back = open.get(i);
                if (back.generation() == generation && back.takesStream()) {
                    waiter.ready(back);
                    return;
                }
            }
        }
        if (open.size() + dialling >= settings.connections()
                && waiting.size() >= dialling * settings.streams()) {
            waiter.failed(new Overloaded("connections to the destination"));
            return;
        }
        waiting.add(waiter);
        dialForWaiting();
    }

    @Override
    public void lost(Http2Back back) {
        open.remove(back);
    }

    @Override
    public void idle(Http2Back back) {
        if (closed) {
            back.close();
        } else if (!sweeping && !settings.idle().isZero()) {
            sweeping = true;
            scheduleSweep();
        }
    }

    @Override
    public void frontClosed() {
        if (settings.ofOneFront()) {
            close();
        }
    }

    /** Closes the connections of older identities as soon as they carry nothing. */
    void retireOld() {
        long generation = settings.generation().getAsLong();
        retireIf(back -> back.generation() != generation);
    }

    void close() {
        closed = true;
        retireIf(back -> true);
    }

    private void dialForWaiting() {
        while (dialling * settings.streams() < waiting.size()
                && open.size() + dialling < settings.connections()) {
            dialling++;
            dialer.dial(this, settings.generation().getAsLong(), new Dialled());
        }
    }

    private void retireIf(Predicate<Http2Back> condition) {
        new ArrayList<>(open).stream().filter(condition).forEach(Http2Back::retire);
    }

    private void scheduleSweep() {
        loop.schedule(this::sweep, settings.idle().toMillis() / 2, TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        long limit = System.nanoTime() - settings.idle().toNanos();
        retireIf(back -> back.isIdle() && back.idleSince() - limit < 0);
        sweeping = open.stream().anyMatch(Http2Back::isIdle);
        if (sweeping) {
            scheduleSweep();
        }
    }

    /** Makes a connection; tells the pool once, on its event loop. */
    @FunctionalInterface
    interface Dialer {
        void dial(Http2Pool owner, long generation, Outcome outcome);
    }

    /** What came of dialling. */
    interface Outcome {
        void opened(Http2Back back);

        void failed(Throwable cause);
    }

    /**
     * How a pool behaves.
     *
     * @param connections at most
     * @param streams that a connection is expected to take before its server has said how many
     * @param idle after which an unused connection is closed; zero: never
     * @param ofOneFront whether it ends with the front that it was made for
     * @param generation of the identity that new connections get
     */
    record Settings(
            int connections,
            int streams,
            Duration idle,
            boolean ofOneFront,
            LongSupplier generation) {}

    private final class Dialled implements Outcome {
        @Override
        public void opened(Http2Back back) {
            dialling--;
            if (closed) {
                back.close();
                return;
            }
            open.add(back);
            while (!waiting.isEmpty() && back.takesStream()) {
                waiting.remove().ready(back);
            }
            dialForWaiting();
        }

        @Override
        public void failed(Throwable cause) {
            dialling--;
            if (dialling == 0) {
                List<Waiter> disappointed = new ArrayList<>(waiting);
                waiting.clear();
                disappointed.forEach(one -> one.failed(cause));
            }
        }
    }
}
