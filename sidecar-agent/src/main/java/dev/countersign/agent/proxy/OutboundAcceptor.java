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
import io.netty.handler.ssl.SslHandler;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the application's connections and carries them to where its route leads. */
@ChannelHandler.Sharable
final class OutboundAcceptor extends ChannelInitializer<Channel> {
    private final Shared shared;
    private final OutboundRoute route;
    private final HandshakeLog log;
    private final HttpSettings http;
    private final ListenerSlots slots;

    OutboundAcceptor(Shared shared, OutboundRoute route, HandshakeLog log) {
        this.shared = shared;
        this.route = route;
        this.log = log;
        this.http = shared.http(Direction.OUTBOUND);
        this.slots = new ListenerSlots(shared.limits().overload().connectionsPerListener());
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!shared.table().admit(channel) || !slots.take(channel)) {
            refused(
                    channel,
                    new HandshakeRefusal(
                            HandshakeRefusal.CONNECTION_LIMIT, "connections: at their limit"));
            channel.close();
            return;
        }
        try {
            begin(channel, route.of(channel));
        } catch (Misdirected nowhere) {
            refused(channel, nowhere.refusal());
            InboundAcceptor.reset(channel);
        }
    }

    private void begin(Channel channel, OutboundRoute.Outlet outlet) {
        switch (outlet.protocol()) {
            case HTTP -> http(channel, outlet);
            case TCP -> tcp(channel, outlet);
            case AUTO ->
                    channel.pipeline()
                            .addLast(
                                    new ProtocolDetector(
                                            shared.limits().timeout(Timeout.SERVER_FIRST),
                                            (found, isHttp) -> {
                                                if (isHttp) {
                                                    http(found.channel(), outlet);
                                                } else {
                                                    tcp(found.channel(), outlet);
                                                }
                                            }));
        }
    }

    private void refused(Channel channel, HandshakeRefusal refusal) {
        log.refused(Direction.OUTBOUND, route.name(), channel.remoteAddress(), refusal);
    }

    private void http(Channel channel, OutboundRoute.Outlet outlet) {
        channel.pipeline()
                .addLast(
                        new PrefaceDetector(
                                shared.limits().timeout(Timeout.HEAD),
                                isHttp2 -> {
                                    if (isHttp2) {
                                        http2(channel, outlet);
                                    } else {
                                        http1(channel, outlet);
                                    }
                                }));
    }

    private void http2(Channel channel, OutboundRoute.Outlet outlet) {
        OutboundGate gate = gate(outlet);
        channel.pipeline()
                .addLast(
                        new Http2Front(
                                new Http2Front.Parts(
                                        http,
                                        () -> gate,
                                        outlet.http2(channel.eventLoop()),
                                        shared.limits().http2(),
                                        shared.streams(),
                                        "application",
                                        Optional.empty())));
    }

    private void http1(Channel channel, OutboundRoute.Outlet outlet) {
        channel.pipeline()
                .addLast(
                        new HttpFront(
                                new HttpFront.Parts(
                                        http,
                                        gate(outlet),
                                        outlet.upstreams(channel.eventLoop()),
                                        Wire.PLAIN,
                                        Optional.empty())));
    }

    private OutboundGate gate(OutboundRoute.Outlet outlet) {
        return new OutboundGate(shared.edges(), outlet.callee(), shared.traced());
    }

    private void tcp(Channel channel, OutboundRoute.Outlet outlet) {
        channel.config().setAutoRead(false);
        RelayHandler toApplication = new RelayHandler();
        OutboundGate gate = gate(outlet);
        channel.pipeline().addLast(new SocketSignals(), toApplication);
        Connector connector = outlet.stream();
        connector.connect(
                channel.eventLoop(),
                Alpn.Use.STREAM,
                new Connector.Callback() {
                    @Override
                    public void connected(
                            ChannelHandlerContext ctx,
                            @Nullable SslHandler tls,
                            @Nullable String protocol) {
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
