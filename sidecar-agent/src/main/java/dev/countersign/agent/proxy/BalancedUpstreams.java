package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http.HttpBack;
import dev.countersign.agent.proxy.http.Upstreams;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection of the application, each to the endpoint that has least to do; another
 * is tried when no connection can be had. Connections are the endpoints' and outlive this one.
 */
final class BalancedUpstreams implements Upstreams {
    private final Destination destination;
    private final Shared shared;
    private final RandomGenerator random;
    private final Map<HttpBack, Endpoint> busy = new HashMap<>();

    BalancedUpstreams(Destination destination, Shared shared, RandomGenerator random) {
        this.destination = destination;
        this.shared = shared;
        this.random = random;
    }

    @Override
    public void acquire(EventLoop loop, boolean fresh, Waiter waiter) {
        forgetClosed();
        try {
            new Attempts(loop, fresh, waiter, destination.endpoints()).next(null);
        } catch (Misdirected nowhere) {
            waiter.failed(nowhere);
        }
    }

    @Override
    public void release(HttpBack back) {
        Endpoint endpoint = busy.remove(back);
        if (endpoint != null) {
            endpoint.ended();
        }
        back.owner().release(back);
    }

    @Override
    public void lost(HttpBack back) {
        // Its pool is told: it is the owner.
    }

    @Override
    public void frontClosed() {
        busy.values().forEach(Endpoint::ended);
        busy.clear();
    }

    /** Not every connection comes back: some end with their response. */
    private void forgetClosed() {
        busy.entrySet()
                .removeIf(entry -> {
                    boolean closed = !entry.getKey().active();
                    if (closed) {
                        entry.getValue().ended();
                    }
                    return closed;
                });
    }

    private final class Attempts implements Waiter {
        private final EventLoop loop;
        private final boolean fresh;
        private final Waiter waiter;
        private final List<Endpoint> endpoints;
        private final List<Endpoint> tried = new ArrayList<>();

        Attempts(EventLoop loop, boolean fresh, Waiter waiter, List<Endpoint> endpoints) {
            this.loop = loop;
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
            chosen.get().begun();
            chosen.get().pool(loop).acquire(loop, fresh, this);
        }

        @Override
        public void ready(HttpBack back) {
            Endpoint endpoint = tried.getLast();
            endpoint.succeeded();
            busy.put(back, endpoint);
            waiter.ready(back);
        }

        @Override
        public void failed(Throwable cause) {
            Endpoint endpoint = tried.getLast();
            endpoint.ended();
            if (shared.tls().generation() != 0) {
                endpoint.failed(System.nanoTime());
            }
            next(cause);
        }
    }
}
