package dev.countersign.agent.proxy.relay;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;

/** Stream signals of a plain socket: FIN is finished, RST is reset. */
public final class SocketSignals extends ChannelDuplexHandler {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.fireUserEventTriggered(
                event == ChannelInputShutdownEvent.INSTANCE ? StreamSignal.FINISHED : event);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message == StreamSignal.FINISHED) {
            afterEarlierWrites(ctx, () -> ((DuplexChannel) ctx.channel()).shutdownOutput());
            promise.trySuccess();
        } else if (message == StreamSignal.RESET) {
            reset(ctx);
            promise.trySuccess();
        } else {
            ctx.write(message, promise);
        }
    }

    static void afterEarlierWrites(ChannelHandlerContext ctx, Runnable action) {
        ctx.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
                .addListener(written -> {
                    if (written.isSuccess()) {
                        action.run();
                    } else {
                        ctx.close();
                    }
                });
    }

    /** Closes so that the other end sees RST. */
    public static void reset(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof SocketChannel socket && socket.isActive()) {
            socket.config().setSoLinger(0);
        }
        ctx.close();
    }
}
