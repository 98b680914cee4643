package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.http.Deadline;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpSettings;
import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.relay.Drain;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's HTTP/2 connection: each of its streams is a request with a decision of its own.
 *
 * <p>It drains as RFC 9113 section 6.8 advises: a GOAWAY that excludes no stream yet, then, when the
 * client has surely read it, one with the last stream that was taken; closed when that has ended.
 */
public final class Http2Front extends Http2Session {
    private static final Duration SECOND_GOAWAY_AT_LATEST = Duration.ofSeconds(1);
    private static final long DRAIN_PING = 0x64_72_61_69_6e_69_6e_67L;
    private static final Logger LOG = LoggerFactory.getLogger(Http2Front.class);

    private final Parts parts;
    private final StreamQuota.Share quota;
    private final Set<Http2Exchange> open = new HashSet<>();
    private @Nullable Deadline deadline;
    private @Nullable Deadline stalled;
    private boolean draining;
    private boolean lastStreamSaid;

    public Http2Front(Parts parts) {
        super(Codec.server(parts.limits()), parts.limits(), parts.connection().isPresent());
        this.parts = parts;
        this.quota = parts.quota().join(parts.peer());
        decoder().frameListener(new Frames());
        connection().addListener(new Streams());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        deadline = new Deadline(ctx.channel().eventLoop(), this::deadlineMissed);
        deadline.arm(parts.settings().headTimeout());
        stalled = new Deadline(ctx.channel().eventLoop(), ctx::close);
        super.handlerAdded(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        deadline().cancel();
        stalled().cancel();
        super.channelInactive(ctx);
        quota.leave();
        parts.upstreams().frontClosed();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof Drain) {
            drain();
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    /** Policies changed: streams that are no longer allowed end, each with a status. */
    public void recheck() {
        new ArrayList<>(open).forEach(Http2Exchange::recheck);
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext ctx,
            boolean outbound,
            Throwable cause,
            Http2Exception.StreamException error) {
        try {
            if (error.error() == Http2Error.STREAM_CLOSED) {
                // It may have been on its way when the stream was reset.
                guard().spend(FloodGuard.SMALL);
            } else if (!outbound) {
                refused(
                        error.error() == Http2Error.REFUSED_STREAM
                                ? HttpRefusal.STREAM_LIMIT
                                : HttpRefusal.BAD_FRAMING,
                        error.getMessage());
                // Who provokes resets makes us work as much as who sends them.
                guard().spend(FloodGuard.RESET);
            }
        } catch (Http2Exception flood) {
            onConnectionError(ctx, false, flood, flood);
            return;
        }
        super.onStreamError(ctx, outbound, cause, error);
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx,
            boolean outbound,
            Throwable cause,
            @Nullable Http2Exception error) {
        if (!outbound) {
            boolean flood = error != null && error.error() == Http2Error.ENHANCE_YOUR_CALM;
            refused(
                    flood ? HttpRefusal.TOO_MANY_FRAMES : HttpRefusal.BAD_FRAMING,
                    cause.getMessage());
        }
        super.onConnectionError(ctx, outbound, cause, error);
    }

    Parts parts() {
        return parts;
    }

    void refused(HttpRefusal refusal, @Nullable String detail) {
        LOG.atDebug()
                .addKeyValue("direction", parts.settings().direction())
                .addKeyValue("remote", context().channel().remoteAddress())
                .log("request refused: {}: {}", refusal, detail);
        parts.settings().metrics().requestRefused(parts.settings().direction(), refusal.name());
    }

    private void begin(Http2Stream stream, Http2Headers headers, boolean end) {
        if (!quota.take()) {
            refused(HttpRefusal.STREAM_LIMIT, "streams of this peer: at their limit");
            reset(stream.id(), Http2Error.REFUSED_STREAM.code());
            return;
        }
        Http2Exchange exchange = new Http2Exchange(this, stream, parts.gates().get());
        exchange(stream, exchange);
        open.add(exchange);
        deadline().disarm();
        exchange.begin(headers, end);
    }

    private void ended(Http2Exchange exchange) {
        open.remove(exchange);
        quota.giveBack();
        exchange.frontClosed();
        if (open.isEmpty()) {
            if (lastStreamSaid) {
                closeAfterFlush();
            } else {
                deadline().arm(parts.settings().idleTimeout());
            }
        }
    }

    /** A client that takes nothing of what it is sent is not waited for. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().isWritable()) {
            stalled().disarm();
        } else {
            stalled().arm(parts.settings().stallTimeout());
        }
        super.channelWritabilityChanged(ctx);
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        goAway(
                context(),
                Integer.MAX_VALUE,
                Http2Error.NO_ERROR.code(),
                Unpooled.EMPTY_BUFFER,
                context().newPromise());
        encoder().writePing(context(), false, DRAIN_PING, context().newPromise());
        flushSoon();
        loop().schedule(
                        this::sayLastStream,
                        SECOND_GOAWAY_AT_LATEST.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void sayLastStream() {
        if (lastStreamSaid || !active()) {
            return;
        }
        lastStreamSaid = true;
        goAway(
                context(),
                connection().remote().lastStreamCreated(),
                Http2Error.NO_ERROR.code(),
                Unpooled.EMPTY_BUFFER,
                context().newPromise());
        flushSoon();
        if (open.isEmpty()) {
            closeAfterFlush();
        }
    }

    /** Nothing was asked for in time: neither a first request nor, for long, another one. */
    private void deadlineMissed() {
        drain();
    }

    private Deadline stalled() {
        if (stalled == null) {
            throw new IllegalStateException("front: not in a pipeline (expected: added)");
        }
        return stalled;
    }

    private Deadline deadline() {
        if (deadline == null) {
            throw new IllegalStateException("front: not in a pipeline (expected: added)");
        }
        return deadline;
    }

    /** What the client sends. */
    private final class Frames extends Http2EventAdapter {
        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int streamId,
                Http2Headers headers,
                int streamDependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean endStream) {
            Http2Stream stream = connection().stream(streamId);
            Http2Exchange exchange = exchange(stream);
            if (exchange == null) {
                begin(stream, headers, endStream);
            } else {
                exchange.requestTrailers(headers);
            }
        }

        @Override
        public int onDataRead(
                ChannelHandlerContext ctx,
                int streamId,
                ByteBuf data,
                int padding,
                boolean endOfStream) {
            Http2Exchange exchange = exchange(connection().stream(streamId));
            return exchange == null
                    ? data.readableBytes() + padding
                    : padding + exchange.requestData(data, endOfStream);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
            Http2Exchange exchange = exchange(connection().stream(streamId));
            if (exchange != null) {
                exchange.requestReset(errorCode);
            }
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext ctx, long data) {
            if (data == DRAIN_PING && draining) {
                sayLastStream();
            }
        }
    }

    private final class Streams extends io.netty.handler.codec.http2.Http2ConnectionAdapter {
        @Override
        public void onStreamClosed(Http2Stream stream) {
            Http2Exchange exchange = exchange(stream);
            if (exchange != null) {
                ended(exchange);
            }
        }
    }

    /**
     * What a connection is made with.
     *
     * @param gates one for each stream
     * @param peer whose streams are counted together
     * @param connection its entry in the table, when it has one
     */
    public record Parts(
            HttpSettings settings,
            Supplier<RequestGate> gates,
            Http2Upstreams upstreams,
            Http2Limits limits,
            StreamQuota quota,
            String peer,
            Optional<OpenConnection> connection) {}
}
