package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.tls.Alpn;
import dev.countersign.agent.proxy.tls.HandshakeHandler;
import dev.countersign.trust.VerifiedPeer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes mTLS connections to the peer of one outbound listener, which must be exactly that peer. */
final class PeerConnector {
    private final Shared shared;
    private final OutboundListener listener;
    private final HandshakeLog log;

    PeerConnector(Shared shared, OutboundListener listener, HandshakeLog log) {
        this.shared = shared;
        this.listener = listener;
        this.log = log;
    }

    void connect(EventLoop loop, Alpn.Use use, Callback callback) {
        Attempt attempt = new Attempt(callback, use);
        shared.transport()
                .connect(loop, listener.target(), shared.limits().connectToPeer(), attempt)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        attempt.failed(connected.cause());
                    }
                });
    }

    /** What came of it; one of the two is called, once, on the event loop. */
    interface Callback {
        /** Handlers are added after {@code ctx}'s. */
        void secured(ChannelHandlerContext ctx, SslHandler tls, @Nullable String protocol);

        void failed(Throwable cause);
    }

    private final class Attempt extends ChannelInitializer<Channel>
            implements HandshakeHandler.Outcome {
        private final Callback callback;
        private final Alpn.Use use;
        private boolean told;

        Attempt(Callback callback, Alpn.Use use) {
            this.callback = callback;
            this.use = use;
        }

        @Override
        protected void initChannel(Channel channel) {
            Optional<SslHandler> tls =
                    shared.tls().outbound(channel.alloc(), listener.expectedPeer(), use);
            if (tls.isEmpty()) {
                refused(
                        new HandshakeRefusal(
                                HandshakeRefusal.NO_IDENTITY, "own identity: none yet"));
                channel.close();
                return;
            }
            tls.get().setHandshakeTimeoutMillis(shared.limits().handshake().toMillis());
            channel.pipeline().addLast(tls.get(), new HandshakeHandler(tls.get(), this));
        }

        @Override
        public void secured(
                ChannelHandlerContext ctx,
                SslHandler tls,
                VerifiedPeer peer,
                @Nullable String protocol) {
            told = true;
            shared.table()
                    .add(
                            Direction.OUTBOUND,
                            listener.name(),
                            ctx.channel(),
                            Optional.of(peer),
                            listener.targetPort(),
                            switch (use) {
                                case HTTP1 -> "http/1.1";
                                case HTTP2 -> "h2";
                                case STREAM -> "tcp";
                            });
            if (shared.tls().overtaken(tls, peer)) {
                ctx.close();
                callback.failed(new IOException("peer: " + peer + " is believed no more"));
                return;
            }
            callback.secured(ctx, tls, protocol);
        }

        @Override
        public void refused(HandshakeRefusal refusal) {
            if (!told) {
                log.refused(Direction.OUTBOUND, listener.name(), listener.target(), refusal);
                failed(new IOException(refusal.code() + ": " + refusal.detail()));
            }
        }

        void failed(Throwable cause) {
            if (!told) {
                told = true;
                callback.failed(cause);
            }
        }
    }
}
