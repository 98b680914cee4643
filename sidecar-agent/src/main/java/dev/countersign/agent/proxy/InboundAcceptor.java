package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Authorizer;
import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.authorization.Permit;
import dev.countersign.agent.provider.CheckQuestion;
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
import io.netty.channel.socket.SocketChannelConfig;
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
    private final InboundRoute route;
    private final Authorizer authorizer;
    private final Providers providers;
    private final HandshakeLog log;
    private final HttpSettings http;
    private final ListenerSlots slots;

    InboundAcceptor(
            Shared shared,
            InboundRoute route,
            Authorizer authorizer,
            Providers providers,
            HandshakeLog log) {
        this.shared = shared;
        this.route = route;
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
        try {
            new Arrival(channel, route.of(channel)).begin();
        } catch (Misdirected nowhere) {
            refused(channel, nowhere.refusal());
            reset(channel);
        }
    }

    private void refused(Channel channel, String code, String detail) {
        refused(channel, new HandshakeRefusal(code, detail));
        channel.close();
    }

    private void refused(Channel channel, HandshakeRefusal refusal) {
        log.refused(Direction.INBOUND, route.name(), channel.remoteAddress(), refusal);
    }

    /** So that the caller learns it at once, and no socket of ours lingers. */
    static void reset(Channel channel) {
        if (channel.config() instanceof SocketChannelConfig socket) {
            socket.setSoLinger(0);
        }
        channel.close();
    }

    private static @Nullable IpAddress ip(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? IpAddress.of(inet.getAddress())
                : null;
    }

    /** An accepted connection until it is known who speaks on it, and how. */
    private final class Arrival {
        private final Channel channel;
        private final InboundTarget target;
        private final long accepted = System.nanoTime();

        Arrival(Channel channel, InboundTarget target) {
            this.channel = channel;
            this.target = target;
        }

        void begin() {
            switch (authorizer.mtls(target.port())) {
                case STRICT, UNSET -> {
                    if (target.transparent()) {
                        detect(Optional.empty(), true);
                    } else {
                        secure();
                    }
                }
                case DISABLE -> plaintext(Optional.empty());
                case PERMISSIVE ->
                        detect(Optional.of(shared.limits().timeout(Timeout.SERVER_FIRST)), false);
            }
        }

        private void detect(Optional<Duration> serverFirst, boolean strict) {
            channel.pipeline()
                    .addLast(
                            new OpeningDetector(
                                    serverFirst,
                                    shared.limits().timeout(Timeout.HANDSHAKE),
                                    new OpeningDetector.Choice() {
                                        @Override
                                        public void chosen(OpeningDetector.Opening opening) {
                                            opened(opening, strict);
                                        }

                                        @Override
                                        public void refused(HandshakeRefusal refusal) {
                                            InboundAcceptor.this.refused(channel, refusal);
                                        }
                                    }));
        }

        private void opened(OpeningDetector.Opening opening, boolean strict) {
            switch (opening) {
                case OpeningDetector.Opening.Tls tls -> {
                    if (!target.transparent() || Alpn.offeredByAgent(tls.hello().protocols())) {
                        secure();
                    } else if (strict || target.protocol() == Protocol.HTTP) {
                        refused(
                                channel,
                                HandshakeRefusal.FOREIGN_TLS,
                                "TLS of "
                                        + tls.hello().protocols()
                                        + " on port "
                                        + target.port()
                                        + " (expected: "
                                        + (strict ? "mutual TLS of an agent" : "HTTP")
                                        + ")");
                    } else {
                        plaintext(Optional.of(tls.hello()));
                    }
                }
                case OpeningDetector.Opening.Other other -> {
                    if (strict) {
                        refused(
                                channel,
                                HandshakeRefusal.NOT_TLS,
                                "first bytes: not TLS (expected: a ClientHello)");
                    } else {
                        plaintext(Optional.empty());
                    }
                }
            }
        }

        private void secure() {
            Optional<SslHandler> tls = shared.tls().inbound(channel.alloc());
            if (tls.isEmpty()) {
                refused(channel, HandshakeRefusal.NO_IDENTITY, "own identity: none yet");
                return;
            }
            tls.get().setHandshakeTimeoutMillis(handshakeMillis());
            channel.pipeline().addLast(tls.get(), new HandshakeHandler(tls.get(), outcome()));
        }

        /** Detection and handshake have one deadline. */
        private long handshakeMillis() {
            Duration spent = Duration.ofNanos(System.nanoTime() - accepted);
            return Math.max(1, shared.limits().timeout(Timeout.HANDSHAKE).minus(spent).toMillis());
        }

        private void plaintext(Optional<ClientHello> ofApplication) {
            new Session(Optional.empty(), channel, target, ofApplication, Wire.PLAIN).start();
        }

        private HandshakeHandler.Outcome outcome() {
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
                    Session session =
                            new Session(Optional.of(peer), channel, target, Optional.empty(), wire);
                    if (shared.tls().overtaken(tls, peer)) {
                        ctx.close();
                        return;
                    }
                    if (Alpn.isHttp2(protocol)) {
                        session.startHttp2();
                    } else {
                        session.start();
                    }
                }

                @Override
                public void refused(HandshakeRefusal refusal) {
                    InboundAcceptor.this.refused(channel, refusal);
                }
            };
        }
    }

    /** One connection: of a verified peer, or of a caller without identity where that is let in. */
    private final class Session {
        private final Optional<VerifiedPeer> peer;
        private final Channel channel;
        private final InboundTarget target;
        private final Optional<ClientHello> ofApplication;
        private final OpenConnection connection;
        private final Request request;
        private final Wire wire;
        private final AddedFields added;

        /**
         * @param ofApplication the beginning of TLS that is the application's own
         */
        Session(
                Optional<VerifiedPeer> peer,
                Channel channel,
                InboundTarget target,
                Optional<ClientHello> ofApplication,
                Wire wire) {
            this.peer = peer;
            this.channel = channel;
            this.target = target;
            this.ofApplication = ofApplication;
            this.wire = wire;
            this.added = addedFields(peer);
            this.connection =
                    shared.table()
                            .add(
                                    Direction.INBOUND,
                                    route.name(),
                                    channel,
                                    this.peer,
                                    target.port(),
                                    "detecting");
            this.request =
                    Request.tcp()
                            .sourcePrincipal(peer.map(one -> one.id().toString()).orElse(null))
                            .sourceIp(ip(channel.remoteAddress()))
                            .destinationIp(ip(destination()))
                            .port(target.port())
                            .sni(ofApplication.map(ClientHello::serverName).orElse(null))
                            .build();
        }

        /** Where ALPN has said it, nothing is left to find out. */
        void startHttp2() {
            switch (target.protocol()) {
                case HTTP, AUTO -> http2();
                case TCP -> start();
            }
        }

        private SocketAddress destination() {
            return target.transparent() ? target.application() : channel.localAddress();
        }

        void start() {
            if (wire.framed()) {
                channel.pipeline().addLast(new FrameCodec());
            }
            if (ofApplication.isPresent()) {
                tcp();
                return;
            }
            switch (target.protocol()) {
                case HTTP -> http();
                case TCP -> tcp();
                case AUTO ->
                        channel.pipeline()
                                .addLast(
                                        new ProtocolDetector(
                                                shared.limits().timeout(Timeout.SERVER_FIRST),
                                                (found, isHttp) -> {
                                                    if (isHttp) {
                                                        http();
                                                    } else {
                                                        tcp();
                                                    }
                                                }));
            }
        }

        private void http() {
            if (wire.tls() != null) {
                http1();
                return;
            }
            channel.pipeline()
                    .addLast(
                            new PrefaceDetector(
                                    shared.limits().timeout(Timeout.HEAD),
                                    isHttp2 -> {
                                        if (isHttp2) {
                                            http2();
                                        } else {
                                            http1();
                                        }
                                    }));
        }

        private void http2() {
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
                if (peer.isEmpty() && authorizer.mtls(target.port()) == MtlsMode.STRICT) {
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
                                        target.application(),
                                        shared.limits().timeout(Timeout.CONNECT_TO_APPLICATION),
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
            return new InboundGate(authorizer, providers, peer, request, added, shared.traced());
        }

        private void http1() {
            connection.speaks("http/1.1");
            if (peer.isEmpty()) {
                connection.recheckedBy(() -> authorizer.mtls(target.port()) != MtlsMode.STRICT);
            }
            InboundGate gate = gate();
            DedicatedUpstream upstream =
                    new DedicatedUpstream(
                            shared.transport(),
                            target.application(),
                            shared.limits().timeout(Timeout.CONNECT_TO_APPLICATION));
            channel.pipeline()
                    .addLast(
                            new HttpFront(
                                    new HttpFront.Parts(
                                            http, gate, upstream, wire, Optional.of(connection))));
        }

        private AddedFields addedFields(Optional<VerifiedPeer> peer) {
            SslHandler tls = wire.tls();
            return tls == null || peer.isEmpty()
                    ? AddedFields.NONE
                    : shared.config()
                            .identity()
                            .of(peer.get(), tls.engine().getSession(), shared.tls().own());
        }

        private void tcp() {
            connection.speaks("tcp");
            channel.config().setAutoRead(false);
            RelayHandler toPeer = new RelayHandler();
            channel.pipeline().addLast(wire.signals(), toPeer);
            List<ExternalAuthorizer> asked = authorizer.providersToAsk(peer, request);
            if (asked.isEmpty()) {
                settle(toPeer, ProviderAnswers.NONE);
                return;
            }
            providers
                    .ask(asked, providers.question(peer, request, CheckQuestion.Http.NONE))
                    .thenAccept(
                            answers -> channel.eventLoop().execute(() -> settle(toPeer, answers)));
        }

        private void settle(RelayHandler toPeer, ProviderAnswers answers) {
            if (!channel.isActive()) {
                return;
            }
            switch (authorizer.decide(peer, request, answers)) {
                case Permit permit -> relay(permit, toPeer, answers);
                case Denied denied -> {
                    shared.metrics().tcp(Direction.INBOUND, RequestOutcome.DENIED);
                    shared.traffic().denied(connection, denied);
                    channel.writeAndFlush(StreamSignal.RESET);
                }
            }
        }

        private void relay(Permit permit, RelayHandler toPeer, ProviderAnswers answers) {
            LOG.atTrace().addKeyValue("revision", permit.decision().revision()).log("allowed");
            connection.recheckedBy(() -> authorizer.stillAllowed(peer, request, answers));
            RelayHandler toApplication = new RelayHandler();
            shared.transport()
                    .connect(
                            channel.eventLoop(),
                            target.application(),
                            shared.limits().timeout(Timeout.CONNECT_TO_APPLICATION),
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
