package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.relay.Drain;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * A connection to where streams go: the application on the inbound side, a peer's agent on the
 * outbound side. It never changes hands between identities: it belongs to the generation it was made
 * with.
 */
public final class Http2Back extends Http2Session {
    /** Well before streams run out of numbers (RFC 9113 section 5.1.1). */
    private static final int LAST_STREAM = Integer.MAX_VALUE - 1000;

    private final Http2Upstreams owner;
    private final boolean toApplication;
    private final long generation;
    private boolean retired;
    private boolean lost;
    private long idleSince = System.nanoTime();
    private long served;

    /**
     * @param owner told when the connection has closed
     * @param toApplication whether responses come from the application itself, which has no say in
     *     fields that only agents set
     * @param generation of the identity the connection was made with; 0 for a plain one
     */
    public Http2Back(
            Http2Limits limits, Http2Upstreams owner, boolean toApplication, long generation) {
        super(Codec.client(limits), limits, !toApplication);
        this.owner = owner;
        this.toApplication = toApplication;
        this.generation = generation;
        decoder().frameListener(new Frames());
        connection().addListener(new Streams());
    }

    public long generation() {
        return generation;
    }

    /** {@link System#nanoTime()} when its last stream ended. */
    public long idleSince() {
        return idleSince;
    }

    public boolean isIdle() {
        return connection().numActiveStreams() == 0;
    }

    /** Whether one more stream may be opened. */
    public boolean takesStream() {
        return active()
                && !retired
                && !connection().goAwayReceived()
                && connection().local().canOpenStream()
                && connection().local().lastStreamCreated() < LAST_STREAM;
    }

    /** Takes no more streams, and is closed when those it has are over. */
    public void retire() {
        retired = true;
        if (isIdle()) {
            close();
        }
    }

    public void close() {
        if (active()) {
            context().close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof Drain) {
            retire();
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        lost = true;
        owner.lost(this);
        super.channelInactive(ctx);
    }

    boolean toApplication() {
        return toApplication;
    }

    /** Whether it served a request before, so that it may have gone stale. */
    boolean used() {
        return served > 1;
    }

    /** Whether the other side says that it will never look at this stream. */
    boolean neverSeen(Http2Stream stream) {
        return connection().goAwayReceived()
                && stream.id() > connection().local().lastStreamKnownByPeer();
    }

    /** Opens a stream with a request; null when that cannot be. */
    @Nullable Http2Stream open(Http2Exchange exchange, Http2Headers head, boolean end) {
        int id = connection().local().incrementAndGetNextStreamId();
        ChannelFuture written = headers(id, head, end);
        Http2Stream stream = connection().stream(id);
        if (stream == null || (written.isDone() && !written.isSuccess())) {
            return null;
        }
        served++;
        exchange(stream, exchange);
        return stream;
    }

    /** What the server sends. */
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
            onHeadersRead(ctx, streamId, headers, padding, endStream);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int streamId,
                Http2Headers headers,
                int padding,
                boolean endStream) {
            Http2Exchange exchange = exchange(connection().stream(streamId));
            if (exchange != null) {
                exchange.responseHeaders(headers, endStream);
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
                    : padding + exchange.responseData(data, endOfStream);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
            Http2Exchange exchange = exchange(connection().stream(streamId));
            if (exchange != null) {
                exchange.responseReset(errorCode);
            }
        }
    }

    private final class Streams extends Http2ConnectionAdapter {
        @Override
        public void onStreamClosed(Http2Stream stream) {
            Http2Exchange exchange = exchange(stream);
            if (exchange != null) {
                exchange.backClosed(stream);
            }
            if (isIdle() && !lost) {
                idleSince = System.nanoTime();
                if (retired || connection().goAwayReceived()) {
                    closeAfterFlush();
                } else {
                    owner.idle(Http2Back.this);
                }
            }
        }

        @Override
        public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
            if (isIdle()) {
                closeAfterFlush();
            }
        }
    }
}
