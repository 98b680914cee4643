package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.relay.StreamSignal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * On a port that takes both: the first byte says whether this is TLS. A handshake record begins with
 * 0x16 (RFC 8446 section 5.1), which begins no protocol made of text; silence means that the server
 * speaks first, which no client of TLS waits for.
 */
final class TlsSniffer extends ChannelInboundHandlerAdapter {
    private static final int HANDSHAKE = 22;

    private final Duration serverFirst;
    private final Choice choice;
    private @Nullable Future<?> timer;
    private boolean chosen;

    TlsSniffer(Duration serverFirst, Choice choice) {
        this.serverFirst = serverFirst;
        this.choice = choice;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> chooseAndLeave(ctx, false),
                                serverFirst.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (!in.isReadable()) {
            in.release();
            return;
        }
        choose(in.getByte(in.readerIndex()) == HANDSHAKE);
        ctx.fireChannelRead(in);
        ctx.fireChannelReadComplete();
        ctx.pipeline().remove(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof StreamSignal || event instanceof ChannelInputShutdownEvent) {
            choose(false);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void chooseAndLeave(ChannelHandlerContext ctx, boolean tls) {
        choose(tls);
        ctx.pipeline().remove(this);
    }

    /** The handlers that the choice adds come after this one. */
    private void choose(boolean tls) {
        if (!chosen) {
            chosen = true;
            choice.chosen(tls);
        }
    }

    /** Adds the next handlers to the channel. */
    @FunctionalInterface
    interface Choice {
        void chosen(boolean tls);
    }
}
