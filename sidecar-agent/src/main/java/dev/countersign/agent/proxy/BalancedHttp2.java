package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http2.Http2Back;
import dev.countersign.agent.proxy.http2.Http2Upstreams;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one HTTP/2 connection of the application, each to an endpoint chosen anew; another is
 * tried when no connection can be had. Connections are the endpoints' and outlive this one.
 */
final class BalancedHttp2 implements Http2Upstreams {
    private final Destination destination;
    private final Shared shared;
    private final EventLoop loop;
    private final RandomGenerator random;

    BalancedHttp2(Destination destination, Shared shared, EventLoop loop, RandomGenerator random) {
        this.destination = destination;
        this.shared = shared;
        this.loop = loop;
        this.random = random;
    }

    @Override
    public void acquire(boolean fresh, Waiter waiter) {
        try {
            new Attempts(fresh, waiter, destination.endpoints()).next(null);
        } catch (Misdirected nowhere) {
            waiter.failed(nowhere);
        }
    }

    @Override
    public void lost(Http2Back back) {
        // Its pool is told: it is the owner.
    }

    @Override
    public void idle(Http2Back back) {
        // Its pool is told: it is the owner.
    }

    @Override
    public void frontClosed() {
        // Connections outlive the application's.
    }

    private final class Attempts implements Waiter {
        private final boolean fresh;
        private final Waiter waiter;
        private final List<Endpoint> endpoints;
        private final List<Endpoint> tried = new ArrayList<>();

        Attempts(boolean fresh, Waiter waiter, List<Endpoint> endpoints) {
            this.fresh = fresh;
            this.waiter = waiter;
            this.endpoints = endpoints;
        }

        void next(@Nullable Throwable last) {
            Optional<Endpoint> chosen =
                    tried.size() < BalancedStreams.ATTEMPTS
                            ? Balancer.choose(endpoints, tried, System.nanoTime(), random)
                            : Optional.empty();
            if (chosen.isEmpty()) {
                waiter.failed(last == null ? new java.net.ConnectException("no endpoint") : last);
                return;
            }
            tried.add(chosen.get());
            chosen.get().http2(loop).acquire(fresh, this);
        }

        @Override
        public void ready(Http2Back back) {
            tried.getLast().succeeded();
            waiter.ready(back);
        }

        @Override
        public void failed(Throwable cause) {
            if (shared.tls().generation() != 0) {
                tried.getLast().failed(System.nanoTime());
            }
            next(cause);
        }
    }
}
