package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.relay.StreamSignal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits until the first bytes say whether this is HTTP: a request line of HTTP/1, however it is split
 * over packets, or the first line of HTTP/2's preface, which looks like one. Bytes that cannot become one are opaque at once; silence means that the server speaks
 * first. What was read goes on to the handlers the choice adds.
 */
final class ProtocolDetector extends ChannelInboundHandlerAdapter {
    private static final int MAX_METHOD = 32;
    private static final int MAX_LINE = 16 * 1024;
    private static final byte[] VERSION = " HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PREFACE = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

    private final Duration serverFirst;
    private final Choice choice;
    private @Nullable ByteBuf seen;
    private @Nullable Future<?> timer;
    private boolean chosen;

    ProtocolDetector(Duration serverFirst, Choice choice) {
        this.serverFirst = serverFirst;
        this.choice = choice;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> choose(ctx, Verdict.OPAQUE),
                                serverFirst.toMillis(),
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
        choose(ctx, look(seen));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof StreamSignal) {
            choose(ctx, Verdict.OPAQUE);
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Pure, so that every split gives the same answer. */
    static Verdict look(ByteBuf bytes) {
        int start = bytes.readerIndex();
        Verdict preface = lookForPreface(bytes);
        if (preface != Verdict.OPAQUE) {
            return preface;
        }
        int end = Math.min(bytes.writerIndex(), start + MAX_LINE);
        int at = start;
        while (at < end && isMethodChar(bytes.getByte(at))) {
            at++;
        }
        if (at == end) {
            return at - start <= MAX_METHOD ? Verdict.UNDECIDED : Verdict.OPAQUE;
        }
        if (bytes.getByte(at) != ' ' || at == start || at - start > MAX_METHOD) {
            return Verdict.OPAQUE;
        }
        int target = ++at;
        while (at < end && bytes.getByte(at) > ' ' && bytes.getByte(at) < 0x7f) {
            at++;
        }
        if (at == end) {
            return at - start < MAX_LINE ? Verdict.UNDECIDED : Verdict.OPAQUE;
        }
        if (at == target) {
            return Verdict.OPAQUE;
        }
        for (int i = 0; i < VERSION.length; i++, at++) {
            if (at == end) {
                return Verdict.UNDECIDED;
            }
            if (bytes.getByte(at) != VERSION[i]) {
                return Verdict.OPAQUE;
            }
        }
        return Verdict.HTTP;
    }

    private static Verdict lookForPreface(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), PREFACE.length);
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE[i]) {
                return Verdict.OPAQUE;
            }
        }
        return length < PREFACE.length ? Verdict.UNDECIDED : Verdict.HTTP;
    }

    private static boolean isMethodChar(byte c) {
        return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    }

    private void choose(ChannelHandlerContext ctx, Verdict verdict) {
        if (chosen || verdict == Verdict.UNDECIDED) {
            return;
        }
        chosen = true;
        ByteBuf first = seen;
        seen = null;
        choice.chosen(ctx, verdict == Verdict.HTTP);
        if (first != null) {
            ctx.fireChannelRead(first);
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(this);
    }

    enum Verdict {
        HTTP,
        OPAQUE,
        UNDECIDED
    }

    /** Adds the next handlers, after {@code ctx}'s. */
    @FunctionalInterface
    interface Choice {
        void chosen(ChannelHandlerContext ctx, boolean http);
    }
}
