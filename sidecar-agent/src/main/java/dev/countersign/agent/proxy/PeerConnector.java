package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.connection.OpenConnection;
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

/** Makes mTLS connections to one peer, which must be exactly that peer. */
final class PeerConnector implements Connector {
    private final Shared shared;
    private final Peer peer;
    private final HandshakeLog log;
    private final OpenConnection.Recheck stillAllowed;

    /** Connections stay open whatever changes, as long as the peer is believed. */
    PeerConnector(Shared shared, Peer peer, HandshakeLog log) {
        this(shared, peer, log, () -> true);
    }

    /**
     * @param stillAllowed asked of open connections on every change
     */
    PeerConnector(Shared shared, Peer peer, HandshakeLog log, OpenConnection.Recheck stillAllowed) {
        this.shared = shared;
        this.peer = peer;
        this.log = log;
        this.stillAllowed = stillAllowed;
    }

    @Override
    public void connect(EventLoop loop, Alpn.Use use, Callback callback) {
        Attempt attempt = new Attempt(callback, use);
        shared.transport()
                .connect(
                        loop,
                        peer.address(),
                        shared.limits().timeout(Timeout.CONNECT_TO_PEER),
                        attempt)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        attempt.failed(connected.cause());
                    }
                });
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
            Optional<SslHandler> tls = shared.tls().outbound(channel.alloc(), peer.identity(), use);
            if (tls.isEmpty()) {
                refused(
                        new HandshakeRefusal(
                                HandshakeRefusal.NO_IDENTITY, "own identity: none yet"));
                channel.close();
                return;
            }
            tls.get()
                    .setHandshakeTimeoutMillis(
                            shared.limits().timeout(Timeout.HANDSHAKE).toMillis());
            channel.pipeline().addLast(tls.get(), new HandshakeHandler(tls.get(), this));
        }

        @Override
        public void secured(
                ChannelHandlerContext ctx,
                SslHandler tls,
                VerifiedPeer verified,
                @Nullable String protocol) {
            told = true;
            shared.table()
                    .add(
                            Direction.OUTBOUND,
                            peer.listener(),
                            ctx.channel(),
                            Optional.of(verified),
                            peer.port(),
                            switch (use) {
                                case HTTP1 -> "http/1.1";
                                case HTTP2 -> "h2";
                                case STREAM -> "tcp";
                            })
                    .recheckedBy(stillAllowed);
            if (shared.tls().overtaken(tls, verified)) {
                ctx.close();
                callback.failed(new IOException("peer: " + verified + " is believed no more"));
                return;
            }
            callback.connected(ctx, tls, protocol);
        }

        @Override
        public void refused(HandshakeRefusal refusal) {
            if (!told) {
                log.refused(Direction.OUTBOUND, peer.listener(), peer.address(), refusal);
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
