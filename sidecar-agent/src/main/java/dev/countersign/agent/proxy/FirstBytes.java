package dev.countersign.agent.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a connection begins with until that says how it goes on. What was read goes on to the
 * handlers that the choice adds; then this one is gone.
 *
 * @param <V> what the bytes may say
 */
abstract class FirstBytes<V extends Enum<V>> extends ChannelInboundHandlerAdapter {
    private final Duration wait;
    private final V silent;
    private final V undecided;
    private @Nullable ByteBuf seen;
    private @Nullable Future<?> timer;
    private boolean chosen;

    /**
     * @param wait for bytes that say it
     * @param silent what it is when they do not come
     * @param undecided what it is while more are needed
     */
    FirstBytes(Duration wait, V silent, V undecided) {
        this.wait = wait;
        this.silent = silent;
        this.undecided = undecided;
    }

    /** Pure, so that every split gives the same answer. */
    abstract V verdict(ByteBuf bytes);

    /** Whether an event says as much as silence does. */
    abstract boolean isSilence(Object event);

    /** Adds the next handlers to the channel. */
    abstract void chosen(ChannelHandlerContext ctx, V verdict);

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> choose(ctx, silent), wait.toMillis(), TimeUnit.MILLISECONDS);
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
        choose(ctx, verdict(seen));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (isSilence(event)) {
            choose(ctx, silent);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void choose(ChannelHandlerContext ctx, V verdict) {
        if (chosen || verdict == undecided) {
            return;
        }
        chosen = true;
        ByteBuf first = seen;
        seen = null;
        chosen(ctx, verdict);
        if (first != null) {
            ctx.fireChannelRead(first);
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(this);
    }
}
