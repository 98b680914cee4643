package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http.HttpBack;
import dev.countersign.agent.proxy.http.Upstreams;
import dev.countersign.agent.proxy.relay.Wire;
import dev.countersign.agent.proxy.tls.Alpn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Kept mTLS connections to one peer, of one event loop: the one used last is used first, so that the
 * others can age and be closed. Those of an older identity finish what they carry and are not used
 * again.
 */
final class UpstreamPool implements Upstreams {
    private final Shared shared;
    private final Connector connector;
    private final EventLoop loop;
    private final Deque<HttpBack> idle = new ArrayDeque<>();
    private boolean sweeping;
    private boolean closed;

    UpstreamPool(Shared shared, Connector connector, EventLoop loop) {
        this.shared = shared;
        this.connector = connector;
        this.loop = loop;
    }

    @Override
    public void acquire(EventLoop ofFront, boolean fresh, Waiter waiter) {
        long generation = shared.tls().generation();
        while (!fresh && !idle.isEmpty()) {
            HttpBack back = idle.removeLast();
            if (back.active() && back.generation() == generation) {
                waiter.ready(back);
                return;
            }
            back.close();
        }
        connector.connect(loop, Alpn.Use.HTTP1, new Connected(waiter, generation));
    }

    @Override
    public void release(HttpBack back) {
        if (closed
                || !back.active()
                || back.generation() != shared.tls().generation()
                || idle.size() >= shared.limits().pooledPerPeer()) {
            back.close();
            return;
        }
        back.idleSince(System.nanoTime());
        idle.addLast(back);
        if (!sweeping) {
            scheduleSweep();
        }
    }

    @Override
    public void lost(HttpBack back) {
        idle.remove(back);
    }

    @Override
    public void frontClosed() {
        // Connections outlive the application's.
    }

    /** Closes the unused connections of older identities. */
    void retireOld() {
        long generation = shared.tls().generation();
        closeIf(back -> back.generation() != generation);
    }

    void close() {
        closed = true;
        closeIf(back -> true);
    }

    private void closeIf(java.util.function.Predicate<HttpBack> condition) {
        Deque<HttpBack> kept = new ArrayDeque<>(idle);
        kept.removeIf(condition.negate());
        idle.removeAll(kept);
        kept.forEach(HttpBack::close);
    }

    private void scheduleSweep() {
        sweeping = true;
        loop.schedule(
                this::sweep,
                shared.limits().timeout(Timeout.POOL_IDLE).toMillis() / 2,
                TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        sweeping = false;
        long limit = System.nanoTime() - shared.limits().timeout(Timeout.POOL_IDLE).toNanos();
        closeIf(back -> back.idleSince() - limit < 0);
        if (!idle.isEmpty()) {
            scheduleSweep();
        }
    }

    private final class Connected implements Connector.Callback {
        private final Waiter waiter;
        private final long generation;

        Connected(Waiter waiter, long generation) {
            this.waiter = waiter;
            this.generation = generation;
        }

        @Override
        public void connected(
                ChannelHandlerContext ctx, @Nullable SslHandler tls, @Nullable String protocol) {
            HttpBack back =
                    new HttpBack(
                            new Wire(tls, Alpn.isAgent(protocol), false),
                            UpstreamPool.this,
                            tls == null,
                            generation);
            ctx.pipeline().addLast(back);
            waiter.ready(back);
        }

        @Override
        public void failed(Throwable cause) {
            waiter.failed(cause);
        }
    }
}
