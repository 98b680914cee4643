package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.tls.Alpn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Opaque streams, each to the endpoint that has least to do; another is tried when one fails. */
final class BalancedStreams implements Connector {
    static final int ATTEMPTS = 3;

    private final Destination destination;
    private final Shared shared;
    private final RandomGenerator random;

    BalancedStreams(Destination destination, Shared shared, RandomGenerator random) {
        this.destination = destination;
        this.shared = shared;
        this.random = random;
    }

    @Override
    public void connect(EventLoop loop, Alpn.Use use, Callback callback) {
        try {
            new Attempts(loop, use, callback, destination.endpoints()).next(null);
        } catch (Misdirected nowhere) {
            callback.failed(nowhere);
        }
    }

    private final class Attempts {
        private final EventLoop loop;
        private final Alpn.Use use;
        private final Callback callback;
        private final List<Endpoint> endpoints;
        private final List<Endpoint> tried = new ArrayList<>();

        Attempts(EventLoop loop, Alpn.Use use, Callback callback, List<Endpoint> endpoints) {
            this.loop = loop;
            this.use = use;
            this.callback = callback;
            this.endpoints = endpoints;
        }

        void next(@Nullable Throwable last) {
            Optional<Endpoint> chosen =
                    tried.size() < ATTEMPTS
                            ? Balancer.choose(endpoints, tried, System.nanoTime(), random)
                            : Optional.empty();
            if (chosen.isEmpty()) {
                callback.failed(last == null ? new java.net.ConnectException("no endpoint") : last);
                return;
            }
            Endpoint endpoint = chosen.get();
            tried.add(endpoint);
            endpoint.begun();
            endpoint.connector().connect(loop, use, attempt(endpoint));
        }

        private Callback attempt(Endpoint endpoint) {
            return new Callback() {
                @Override
                public void connected(
                        ChannelHandlerContext ctx,
                        @Nullable SslHandler tls,
                        @Nullable String protocol) {
                    endpoint.succeeded();
                    ctx.channel().closeFuture().addListener(closed -> endpoint.ended());
                    callback.connected(ctx, tls, protocol);
                }

                @Override
                public void failed(Throwable cause) {
                    endpoint.ended();
                    if (shared.tls().generation() != 0) {
                        endpoint.failed(System.nanoTime());
                    }
                    next(cause);
                }
            };
        }
    }
}
