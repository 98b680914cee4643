package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.relay.StreamSignal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection, either end: writes the frames of its streams, returns their windows, and
 * flushes once for all that a turn of the event loop wrote. Closing it sends no GOAWAY and waits for
 * nothing: who wants to be graceful says so before.
 */
abstract class Http2Session extends Http2ConnectionHandler {
    private static final long KEEP_ALIVE_PING = 0x6b_65_65_70_69_6e_67_21L;
    private static final Logger LOG = LoggerFactory.getLogger(Http2Session.class);
    private static final int FIRST_WINDOW = 65_535;

    private final Http2Connection.PropertyKey exchangeKey = connection().newKey();
    private final int connectionWindow;
    private final FloodGuard guard;
    private final Optional<KeepAlive.Settings> watch;
    private @Nullable KeepAlive keepAlive;
    private @Nullable ChannelHandlerContext context;
    private boolean windowOpened;
    private boolean flushing;

    /**
     * @param watched whether the other end is asked from time to time whether it is still there
     */
    Http2Session(Codec codec, Http2Limits limits, boolean watched) {
        super(codec.decoder(), codec.encoder(), codec.settings(), true);
        this.watch = watched ? Optional.of(limits.keepAlive()) : Optional.empty();
        this.connectionWindow = limits.connectionWindow();
        this.guard = codec.guard();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        keepAlive =
                watch.map(settings ->
                                new KeepAlive(settings, ctx.channel().eventLoop(), new Watched()))
                        .orElse(null);
        super.handlerAdded(ctx);
        openWindow(ctx);
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        super.channelActive(ctx);
        openWindow(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (keepAlive != null) {
            keepAlive.heard();
        }
        super.channelRead(ctx, message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (keepAlive != null) {
            keepAlive.cancel();
        }
        super.channelInactive(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof StreamSignal || event instanceof SslCloseCompletionEvent) {
            ctx.close();
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (cause instanceof Http2Exception) {
            super.exceptionCaught(ctx, cause);
        } else {
            ctx.close();
        }
    }

    FloodGuard guard() {
        return guard;
    }

    ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("session: not in a pipeline (expected: added)");
        }
        return context;
    }

    EventLoop loop() {
        return context().channel().eventLoop();
    }

    boolean active() {
        return context != null && context.channel().isActive();
    }

    /** The exchange a stream belongs to; null before it has one. */
    @Nullable Http2Exchange exchange(Http2Stream stream) {
        return stream.getProperty(exchangeKey);
    }

    void exchange(Http2Stream stream, Http2Exchange exchange) {
        stream.setProperty(exchangeKey, exchange);
        if (keepAlive != null) {
            keepAlive.begin();
        }
    }

    ChannelFuture headers(int streamId, Http2Headers headers, boolean end) {
        ChannelFuture written =
                encoder()
                        .writeHeaders(context(), streamId, headers, 0, end, context().newPromise());
        flushSoon();
        return written;
    }

    /** Takes over {@code data}. */
    ChannelFuture data(int streamId, ByteBuf data, boolean end) {
        if (data.isReadable()) {
            guard.carried();
        }
        ChannelFuture written =
                encoder().writeData(context(), streamId, data, 0, end, context().newPromise());
        flushSoon();
        return written;
    }

    void reset(int streamId, long code) {
        encoder().writeRstStream(context(), streamId, code, context().newPromise());
        flushSoon();
    }

    /** The other side has written what came in: it may be followed by as much again. */
    void returnWindow(Http2Stream stream, int bytes) {
        try {
            if (decoder().flowController().consumeBytes(stream, bytes)) {
                flushSoon();
            }
        } catch (Http2Exception e) {
            onError(context(), true, e);
        }
    }

    /** At the end of this turn of the loop, however much is written until then. */
    void flushSoon() {
        if (!flushing) {
            flushing = true;
            loop().execute(this::flushNow);
        }
    }

    void closeAfterFlush() {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> context().close());
    }

    private void flushNow() {
        flushing = false;
        if (active()) {
            flush(context());
        }
    }

    private void openWindow(ChannelHandlerContext ctx) throws Http2Exception {
        if (windowOpened || !ctx.channel().isActive()) {
            return;
        }
        windowOpened = true;
        if (connectionWindow > FIRST_WINDOW) {
            decoder()
                    .flowController()
                    .incrementWindowSize(
                            connection().connectionStream(), connectionWindow - FIRST_WINDOW);
        }
        ctx.flush();
    }

    private final class Watched implements KeepAlive.Connection {
        @Override
        public boolean busy() {
            return active() && connection().numActiveStreams() > 0;
        }

        @Override
        public void ask() {
            encoder().writePing(context(), false, KEEP_ALIVE_PING, context().newPromise());
            flushSoon();
        }

        @Override
        public void silent() {
            LOG.atInfo()
                    .addKeyValue("remote", context().channel().remoteAddress())
                    .log("no answer to a ping: the other end is given up");
            context().close();
        }
    }

    /**
     * What Netty needs to speak HTTP/2.
     *
     * @param guard told of every frame read
     */
    record Codec(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            FloodGuard guard) {
        private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");

        static Codec server(Http2Limits limits) {
            Http2Settings settings =
                    new Http2Settings()
                            .maxConcurrentStreams(limits.streams())
                            .initialWindowSize(limits.streamWindow())
                            .maxHeaderListSize(limits.headerList());
            Codec codec = of(true, settings, limits);
            // At once, and not when the client chooses to acknowledge its settings.
            codec.decoder().connection().remote().maxActiveStreams(limits.streams());
            return codec;
        }

        static Codec client(Http2Limits limits) {
            Http2Settings settings =
                    new Http2Settings()
                            .pushEnabled(false)
                            .initialWindowSize(limits.streamWindow())
                            .maxHeaderListSize(limits.headerList());
            Codec codec = of(false, settings, limits);
            // Until the server says (RFC 9113 section 6.5.2 recommends at least 100).
            codec.encoder().connection().local().maxActiveStreams(limits.streams());
            return codec;
        }

        private static Codec of(boolean server, Http2Settings settings, Http2Limits limits) {
            FloodGuard guard = new FloodGuard();
            Http2Connection connection = new DefaultHttp2Connection(server, 0);
            connection
                    .remote()
                    .flowController(
                            new DefaultHttp2RemoteFlowController(
                                    connection, new UniformStreamByteDistributor(connection)));
            Http2ConnectionEncoder encoder =
                    new DefaultHttp2ConnectionEncoder(
                            connection,
                            new DefaultHttp2FrameWriter(
                                    (name, value) -> AUTHORIZATION.contentEquals(name)));
            Http2ConnectionDecoder decoder =
                    new DefaultHttp2ConnectionDecoder(
                            connection,
                            encoder,
                            new GuardedReader(
                                    new DefaultHttp2FrameReader(
                                            new DefaultHttp2HeadersDecoder(
                                                    true, limits.headerList())),
                                    guard));
            return new Codec(decoder, encoder, settings, guard);
        }
    }
}
