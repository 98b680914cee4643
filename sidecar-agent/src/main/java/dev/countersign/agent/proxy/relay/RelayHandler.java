package dev.countersign.agent.proxy.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One side of a relay: passes on what it reads. Until it is joined with the other side it keeps what
 * arrives, which is at most one read: the channel must have auto-read off.
 */
public final class RelayHandler extends ChannelInboundHandlerAdapter {
    private final Deque<Object> early = new ArrayDeque<>(2);
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable RelayHandler other;
    private boolean inputFinished;
    private boolean broken;
    private boolean draining;
    private long reads;
    private ByteCount count = ByteCount.NONE;

    /** Whether what is read here is what {@link #count} takes for received. */
    private boolean first;

    /**
     * Starts relaying both ways. Both channels are on one event loop, which is the caller's.
     *
     * @param count told what is received from {@code one}, and sent to it
     */
    public static void join(RelayHandler one, RelayHandler two, ByteCount count) {
        one.count = count;
        one.first = true;
        two.count = count;
        one.other = two;
        two.other = one;
        one.replayEarly();
        two.replayEarly();
        one.resumeReading();
        two.resumeReading();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releaseEarly();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        RelayHandler to = other;
        if (to == null) {
            early.add(message);
            return;
        }
        Channel target = to.channel();
        reads++;
        if (message instanceof ByteBuf data) {
            counted(data.readableBytes());
        }
        target.write(message, target.voidPromise());
        if (!target.isWritable()) {
            target.flush();
            if (!target.isWritable()) {
                context.channel().config().setAutoRead(false);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (other != null) {
            other.channel().flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (other != null && context.channel().isWritable()) {
            other.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Drain drain) {
            drain(context, drain);
        } else if (!(event instanceof StreamSignal signal)) {
            context.fireUserEventTriggered(event);
        } else if (other == null) {
            early.add(signal);
        } else {
            signalled(signal, other);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        releaseEarly();
        if (other != null) {
            breakOff(other);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        breakOffBoth(context);
    }

    private Channel channel() {
        if (ctx == null) {
            throw new IllegalStateException("relay: not in a pipeline (expected: added)");
        }
        return ctx.channel();
    }

    private void counted(int bytes) {
        if (first) {
            count.received(bytes);
        } else {
            count.sent(bytes);
        }
    }

    private void signalled(StreamSignal signal, RelayHandler to) {
        switch (signal) {
            case FINISHED -> {
                inputFinished = true;
                to.channel()
                        .writeAndFlush(StreamSignal.FINISHED)
                        .addListener(written -> closeWhenBothFinished());
            }
            case RESET -> {
                breakOff(to);
                channel().close();
            }
        }
    }

    private void closeWhenBothFinished() {
        if (other != null && inputFinished && other.inputFinished) {
            broken = true;
            other.broken = true;
            flushAndClose(channel());
            flushAndClose(other.channel());
        }
    }

    private void breakOffBoth(ChannelHandlerContext context) {
        if (other != null) {
            breakOff(other);
        }
        SocketSignals.reset(context);
    }

    private void drain(ChannelHandlerContext context, Drain drain) {
        if (!draining) {
            draining = true;
            closeWhenQuiet(context, drain, moved());
        }
    }

    private void closeWhenQuiet(ChannelHandlerContext context, Drain drain, long before) {
        context.executor()
                .schedule(
                        () -> {
                            if (!context.channel().isActive()) {
                                return;
                            }
                            if (moved() > before) {
                                closeWhenQuiet(context, drain, moved());
                            } else {
                                breakOffBoth(context);
                            }
                        },
                        drain.quiet().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Reads that were passed on, both ways. */
    private long moved() {
        return reads + (other == null ? 0 : other.reads);
    }

    /** This side is gone: the other must not take it for a clean end. */
    private void breakOff(RelayHandler to) {
        if (!broken) {
            broken = true;
            to.broken = true;
            to.channel().writeAndFlush(StreamSignal.RESET);
        }
    }

    private void replayEarly() {
        boolean any = !early.isEmpty();
        while (!early.isEmpty() && ctx != null) {
            Object message = early.remove();
            if (message instanceof StreamSignal signal) {
                userEventTriggered(ctx, signal);
            } else {
                channelRead(ctx, message);
            }
        }
        if (any && other != null) {
            other.channel().flush();
        }
    }

    private void resumeReading() {
        if (other != null && other.channel().isWritable()) {
            channel().config().setAutoRead(true);
        }
        if (!channel().isActive() && other != null) {
            breakOff(other);
        }
    }

    private void releaseEarly() {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    private static void flushAndClose(Channel channel) {
        channel.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
                .addListener(written -> channel.close());
    }
}
