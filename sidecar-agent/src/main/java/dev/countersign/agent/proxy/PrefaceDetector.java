package dev.countersign.agent.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where HTTP is spoken and no ALPN said which: the preface of HTTP/2 (RFC 9113 section 3.4) begins no
 * request of HTTP/1, so its first bytes tell. What was read goes on to the handlers the choice adds.
 */
final class PrefaceDetector extends ChannelInboundHandlerAdapter {
    private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

    private final Duration deadline;
    private final Choice choice;
    private @Nullable ByteBuf seen;
    private @Nullable Future<?> timer;
    private boolean chosen;

    /**
     * @param deadline for the bytes that tell; a client silent for longer is taken for HTTP/1, whose
     *     deadlines go on
     */
    PrefaceDetector(Duration deadline, Choice choice) {
        this.deadline = deadline;
        this.choice = choice;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> choose(ctx, false),
                                deadline.toMillis(),
                                TimeUnit.MILLISECONDS);
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
        if (seen != null) {
            seen.release();
            seen = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        seen =
                seen == null
                        ? in
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), seen, in);
        switch (look(seen)) {
            case HTTP_2 -> choose(ctx, true);
            case HTTP_1 -> choose(ctx, false);
            case UNDECIDED -> {}
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // The end of input, a drain: HTTP/1 knows what to do about each.
        choose(ctx, false);
        ctx.fireUserEventTriggered(event);
    }

    /** Pure, so that every split gives the same answer. */
    static Verdict look(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), PREFACE.readableBytes());
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE.getByte(i)) {
                return Verdict.HTTP_1;
            }
        }
        return length < PREFACE.readableBytes() ? Verdict.UNDECIDED : Verdict.HTTP_2;
    }

    private void choose(ChannelHandlerContext ctx, boolean http2) {
        if (chosen) {
            return;
        }
        chosen = true;
        ByteBuf first = seen;
        seen = null;
        choice.chosen(http2);
        if (first != null) {
            ctx.fireChannelRead(first);
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(this);
    }

    enum Verdict {
        HTTP_1,
        HTTP_2,
        UNDECIDED
    }

    /** Adds the next handlers to the channel. */
    @FunctionalInterface
    interface Choice {
        void chosen(boolean http2);
    }
}
