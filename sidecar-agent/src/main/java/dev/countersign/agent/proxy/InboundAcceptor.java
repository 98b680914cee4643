package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Authorizer;
import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.authorization.Permit;
import dev.countersign.agent.provider.CheckQuestion;
import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.http.AddedFields;
import dev.countersign.agent.proxy.http.HttpFront;
import dev.countersign.agent.proxy.http.HttpSettings;
import dev.countersign.agent.proxy.http2.Http2Back;
import dev.countersign.agent.proxy.http2.Http2Front;
import dev.countersign.agent.proxy.relay.FrameCodec;
import dev.countersign.agent.proxy.relay.RelayHandler;
import dev.countersign.agent.proxy.relay.SocketSignals;
import dev.countersign.agent.proxy.relay.StreamSignal;
import dev.countersign.agent.proxy.relay.Wire;
import dev.countersign.agent.proxy.tls.Alpn;
import dev.countersign.agent.proxy.tls.HandshakeHandler;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.trust.VerifiedPeer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets peers in: TLS, whom to believe, protocol, decision, application. */
@ChannelHandler.Sharable
final class InboundAcceptor extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(InboundAcceptor.class);

    private final Shared shared;
    private final InboundListener listener;
    private final Authorizer authorizer;
    private final Providers providers;
    private final HandshakeLog log;
    private final HttpSettings http;
    private final ListenerSlots slots;

    InboundAcceptor(
            Shared shared,
            InboundListener listener,
            Authorizer authorizer,
            Providers providers,
            HandshakeLog log) {
        this.shared = shared;
        this.listener = listener;
        this.authorizer = authorizer;
        this.providers = providers;
        this.log = log;
        this.http = shared.http(Direction.INBOUND);
        this.slots = new ListenerSlots(shared.limits().overload().connectionsPerListener());
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!shared.table().admit(channel) || !slots.take(channel)) {
            refused(channel, HandshakeRefusal.CONNECTION_LIMIT, "connections: at their limit");
            return;
        }
        switch (authorizer.mtls(listener.port())) {
            case STRICT, UNSET -> secure(channel);
            case DISABLE -> plaintext(channel);
            case PERMISSIVE ->
                    channel.pipeline()
                            .addLast(
                                    new TlsSniffer(
                                            shared.limits().serverFirst(),
                                            isTls -> {
                                                if (isTls) {
                                                    secure(channel);
                                                } else {
                                                    plaintext(channel);
                                                }
                                            }));
        }
    }

    private void secure(Channel channel) {
        Optional<SslHandler> tls = shared.tls().inbound(channel.alloc());
        if (tls.isEmpty()) {
            refused(channel, HandshakeRefusal.NO_IDENTITY, "own identity: none yet");
            return;
        }
        tls.get().setHandshakeTimeoutMillis(shared.limits().handshake().toMillis());
        channel.pipeline().addLast(tls.get(), new HandshakeHandler(tls.get(), outcome(channel)));
    }

    private void plaintext(Channel channel) {
        new Session(Optional.empty(), channel, Wire.PLAIN).start(channel);
    }

    private void refused(Channel channel, String code, String detail) {
        log.refused(
                Direction.INBOUND,
                listener.name(),
                channel.remoteAddress(),
                new HandshakeRefusal(code, detail));
        channel.close();
    }

    private HandshakeHandler.Outcome outcome(Channel channel) {
        return new HandshakeHandler.Outcome() {
            @Override
            public void secured(
                    ChannelHandlerContext ctx,
                    SslHandler tls,
                    VerifiedPeer peer,
                    @Nullable String protocol) {
                Optional<HandshakeRefusal> crowded = shared.table().crowdedBy(peer);
                if (crowded.isPresent()) {
                    refused(crowded.get());
                    channel.close();
                    return;
                }
                Wire wire = new Wire(tls, Alpn.isAgent(protocol), Alpn.FRAMED.equals(protocol));
                Session session = new Session(Optional.of(peer), ctx.channel(), wire);
                if (shared.tls().overtaken(tls, peer)) {
                    ctx.close();
                    return;
                }
                if (Alpn.isHttp2(protocol)) {
                    session.startHttp2(ctx.channel());
                } else {
                    session.start(ctx.channel());
                }
            }

            @Override
            public void refused(HandshakeRefusal refusal) {
                log.refused(Direction.INBOUND, listener.name(), channel.remoteAddress(), refusal);
            }
        };
    }

    private static @Nullable IpAddress ip(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? IpAddress.of(inet.getAddress())
                : null;
    }

    /** One connection: of a verified peer, or of a caller without identity where that is let in. */
    private final class Session {
        private final Optional<VerifiedPeer> peer;
        private final OpenConnection connection;
        private final Request request;
        private final Wire wire;
        private final AddedFields added;

        Session(Optional<VerifiedPeer> peer, Channel channel, Wire wire) {
            this.peer = peer;
            this.wire = wire;
            this.added = addedFields(peer);
            this.connection =
                    shared.table()
                            .add(
                                    Direction.INBOUND,
                                    listener.name(),
                                    channel,
                                    this.peer,
                                    listener.port(),
                                    "detecting");
            this.request =
                    Request.tcp()
                            .sourcePrincipal(peer.map(one -> one.id().toString()).orElse(null))
                            .sourceIp(ip(channel.remoteAddress()))
                            .destinationIp(ip(channel.localAddress()))
                            .port(listener.port())
                            .build();
        }

        /** Where ALPN has said it, nothing is left to find out. */
        void startHttp2(Channel channel) {
            switch (listener.protocol()) {
                case HTTP, AUTO -> http2(channel);
                case TCP -> start(channel);
            }
        }

        void start(Channel channel) {
            if (wire.framed()) {
                channel.pipeline().addLast(new FrameCodec());
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
            if (wire.tls() != null) {
                http1(channel);
                return;
            }
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
            connection.speaks("h2");
            Http2Front front =
                    new Http2Front(
                            new Http2Front.Parts(
                                    http,
                                    this::gate,
                                    applicationStreams(channel.eventLoop()),
                                    shared.limits().http2(),
                                    shared.streams(),
                                    peer.map(one -> one.id().toString())
                                            .orElseGet(() -> String.valueOf(request.sourceIp())),
                                    Optional.of(connection)));
            connection.recheckedBy(() -> {
                if (peer.isEmpty() && authorizer.mtls(listener.port()) == MtlsMode.STRICT) {
                    return false;
                }
                front.recheck();
                return true;
            });
            channel.pipeline().addLast(front);
        }

        /** Of this connection alone, as for HTTP/1.1. */
        private Http2Pool applicationStreams(EventLoop loop) {
            return new Http2Pool(
                    loop,
                    new Http2Pool.Settings(
                            shared.limits().http2().connections(),
                            shared.limits().http2().streams(),
                            Duration.ZERO,
                            true,
                            () -> 0),
                    (owner, generation, outcome) -> {
                        Http2Back back =
                                new Http2Back(shared.limits().http2(), owner, true, generation);
                        shared.transport()
                                .connect(
                                        loop,
                                        listener.target(),
                                        shared.limits().connectToApplication(),
                                        back)
                                .addListener(connected -> {
                                    if (connected.isSuccess()) {
                                        outcome.opened(back);
                                    } else {
                                        outcome.failed(connected.cause());
                                    }
                                });
                    });
        }

        private InboundGate gate() {
            return new InboundGate(authorizer, providers, peer, request, added);
        }

        private void http1(Channel channel) {
            connection.speaks("http/1.1");
            if (peer.isEmpty()) {
                connection.recheckedBy(() -> authorizer.mtls(listener.port()) != MtlsMode.STRICT);
            }
            InboundGate gate = gate();
            DedicatedUpstream upstream =
                    new DedicatedUpstream(
                            shared.transport(),
                            listener.target(),
                            shared.limits().connectToApplication());
            channel.pipeline()
                    .addLast(
                            new HttpFront(
                                    new HttpFront.Parts(
                                            http, gate, upstream, wire, Optional.of(connection))));
        }

        private AddedFields addedFields(Optional<VerifiedPeer> peer) {
            return shared.config().peerHeader() && peer.isPresent()
                    ? AddedFields.of(
                            List.of(
                                    new HeaderField(
                                            "x-countersign-peer", peer.get().id().toString())))
                    : AddedFields.NONE;
        }

        private void tcp(Channel channel) {
            connection.speaks("tcp");
            channel.config().setAutoRead(false);
            RelayHandler toPeer = new RelayHandler();
            channel.pipeline().addLast(wire.signals(), toPeer);
            List<ExternalAuthorizer> asked = authorizer.providersToAsk(peer, request);
            if (asked.isEmpty()) {
                settle(channel, toPeer, ProviderAnswers.NONE);
                return;
            }
            providers
                    .ask(asked, providers.question(peer, request, CheckQuestion.Http.NONE))
                    .thenAccept(answers ->
                            channel.eventLoop().execute(() -> settle(channel, toPeer, answers)));
        }

        private void settle(Channel channel, RelayHandler toPeer, ProviderAnswers answers) {
            if (!channel.isActive()) {
                return;
            }
            switch (authorizer.decide(peer, request, answers)) {
                case Permit permit -> relay(permit, channel, toPeer, answers);
                case Denied denied -> {
                    shared.metrics().tcp(Direction.INBOUND, RequestOutcome.DENIED);
                    shared.traffic().denied(connection, denied);
                    channel.writeAndFlush(StreamSignal.RESET);
                }
            }
        }

        private void relay(
                Permit permit, Channel channel, RelayHandler toPeer, ProviderAnswers answers) {
            LOG.atTrace().addKeyValue("revision", permit.decision().revision()).log("allowed");
            connection.recheckedBy(() -> authorizer.stillAllowed(peer, request, answers));
            RelayHandler toApplication = new RelayHandler();
            shared.transport()
                    .connect(
                            channel.eventLoop(),
                            listener.target(),
                            shared.limits().connectToApplication(),
                            new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel application) {
                                    application
                                            .pipeline()
                                            .addLast(new SocketSignals(), toApplication);
                                }
                            })
                    .addListener(connected -> {
                        if (connected.isSuccess()) {
                            shared.metrics().tcp(Direction.INBOUND, RequestOutcome.FORWARDED);
                            RelayHandler.join(toPeer, toApplication, shared.opened(channel));
                        } else {
                            shared.metrics().tcp(Direction.INBOUND, RequestOutcome.FAILED);
                            channel.writeAndFlush(StreamSignal.RESET);
                        }
                    });
        }
    }
}
