package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.http.HttpFront;
import dev.countersign.agent.proxy.http.HttpSettings;
import dev.countersign.agent.proxy.http2.Http2Front;
import dev.countersign.agent.proxy.relay.RelayHandler;
import dev.countersign.agent.proxy.relay.SocketSignals;
import dev.countersign.agent.proxy.relay.StreamSignal;
import dev.countersign.agent.proxy.relay.Wire;
import dev.countersign.agent.proxy.tls.Alpn;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Takes the application's connections and carries them to one peer. */
@ChannelHandler.Sharable
final class OutboundAcceptor extends ChannelInitializer<Channel> {
    private final Shared shared;
    private final OutboundListener listener;
    private final HandshakeLog log;
    private final PeerConnector connector;
    private final HttpSettings http;
    private final OutboundGate gate;
    private final ListenerSlots slots;
    private final Map<EventLoop, UpstreamPool> pools = new ConcurrentHashMap<>();
    private final Map<EventLoop, Http2Pool> http2Pools = new ConcurrentHashMap<>();

    OutboundAcceptor(Shared shared, OutboundListener listener, HandshakeLog log) {
        this.shared = shared;
        this.listener = listener;
        this.log = log;
        this.connector = new PeerConnector(shared, listener, log);
        this.http = shared.http(Direction.OUTBOUND);
        this.gate = new OutboundGate(shared.edges(), listener);
        this.slots = new ListenerSlots(shared.limits().overload().connectionsPerListener());
    }

    /** A new identity: unused connections of the old one are closed. */
    void retireOld() {
        pools.forEach((loop, pool) -> loop.execute(pool::retireOld));
        http2Pools.forEach((loop, pool) -> loop.execute(pool::retireOld));
    }

    void close() {
        pools.forEach((loop, pool) -> loop.execute(pool::close));
        http2Pools.forEach((loop, pool) -> loop.execute(pool::close));
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!shared.table().admit(channel) || !slots.take(channel)) {
            log.refused(
                    Direction.OUTBOUND,
                    listener.name(),
                    channel.remoteAddress(),
                    new HandshakeRefusal(
                            HandshakeRefusal.CONNECTION_LIMIT, "connections: at their limit"));
            channel.close();
            return;
        }
        switch (listener.protocol()) {
            case HTTP -> http(channel);
            case TCP -> tcp(channel);
            case AUTO ->
                    channel.pipeline()
                            .addLast(
                                    new ProtocolDetector(
                                            shared.limits().serverFirst(),
                                            (found, isHttp) -> {
                                                if (isHttp) {
                                                    http(found.channel());
                                                } else {
                                                    tcp(found.channel());
                                                }
                                            }));
        }
    }

    private void http(Channel channel) {
        channel.pipeline()
                .addLast(
                        new PrefaceDetector(
                                shared.limits().head(),
                                isHttp2 -> {
                                    if (isHttp2) {
                                        http2(channel);
                                    } else {
                                        http1(channel);
                                    }
                                }));
    }

    private void http2(Channel channel) {
        Http2Pool pool =
                http2Pools.computeIfAbsent(
                        channel.eventLoop(),
                        loop ->
                                new Http2Pool(
                                        loop,
                                        new Http2Pool.Settings(
                                                shared.limits().http2().connections(),
                                                shared.limits().http2().streams(),
                                                shared.limits().poolIdle(),
                                                false,
                                                shared.tls()::generation),
                                        new PeerDialer(shared.limits().http2(), connector, loop)));
        channel.pipeline()
                .addLast(
                        new Http2Front(
                                new Http2Front.Parts(
                                        http,
                                        () -> gate,
                                        pool,
                                        shared.limits().http2(),
                                        shared.streams(),
                                        "application",
                                        Optional.empty())));
    }

    private void http1(Channel channel) {
        UpstreamPool pool =
                pools.computeIfAbsent(
                        channel.eventLoop(), loop -> new UpstreamPool(shared, connector, loop));
        channel.pipeline()
                .addLast(
                        new HttpFront(
                                new HttpFront.Parts(
                                        http, gate, pool, Wire.PLAIN, Optional.empty())));
    }

    private void tcp(Channel channel) {
        channel.config().setAutoRead(false);
        RelayHandler toApplication = new RelayHandler();
        channel.pipeline().addLast(new SocketSignals(), toApplication);
        connector.connect(
                channel.eventLoop(),
                Alpn.Use.STREAM,
                new PeerConnector.Callback() {
                    @Override
                    public void secured(
                            ChannelHandlerContext ctx, SslHandler tls, @Nullable String protocol) {
                        Wire wire = new Wire(tls, Alpn.FRAMED.equals(protocol), false);
                        RelayHandler toPeer = new RelayHandler();
                        ctx.pipeline().addLast(wire.signals(), toPeer);
                        shared.metrics().tcp(Direction.OUTBOUND, RequestOutcome.FORWARDED);
                        gate.connected();
                        RelayHandler.join(toPeer, toApplication, shared.opened(ctx.channel()));
                    }

                    @Override
                    public void failed(Throwable cause) {
                        shared.metrics().tcp(Direction.OUTBOUND, RequestOutcome.FAILED);
                        channel.writeAndFlush(StreamSignal.RESET);
                    }
                });
    }
}
