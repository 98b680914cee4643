package dev.countersign.agent.proxy.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sits in a listening channel. When accepting fails, most often because there are no descriptors left,
 * the next try waits 5 ms, then twice as long each time, a second at most; meanwhile callers wait in
 * the kernel's queue. Nothing is accepted before the reserve is whole again.
 */
final class AcceptBackoff extends ChannelInboundHandlerAdapter {
    private static final long FIRST_MILLIS = 5;
    private static final long LAST_MILLIS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(AcceptBackoff.class);

    private final DescriptorReserve reserve;
    private long pause = FIRST_MILLIS;
    private boolean waiting;

    AcceptBackoff(DescriptorReserve reserve) {
        this.reserve = reserve;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        if (pause != FIRST_MILLIS) {
            LOG.atInfo().addKeyValue("listener", ctx.channel().localAddress()).log("accepts again");
            pause = FIRST_MILLIS;
        }
        ctx.fireChannelRead(accepted);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        reserve.giveUp();
        if (pause == FIRST_MILLIS) {
            LOG.atWarn()
                    .addKeyValue("listener", ctx.channel().localAddress())
                    .addKeyValue("cause", cause.getMessage())
                    .log("cannot accept, trying again until it can");
        }
        if (!waiting) {
            ctx.channel().config().setAutoRead(false);
            retryLater(ctx);
        }
    }

    private void retryLater(ChannelHandlerContext ctx) {
        waiting = true;
        ctx.executor().schedule(() -> retry(ctx), pause, TimeUnit.MILLISECONDS);
        pause = Math.min(2 * pause, LAST_MILLIS);
    }

    private void retry(ChannelHandlerContext ctx) {
        waiting = false;
        if (!ctx.channel().isActive()) {
            return;
        }
        if (reserve.retake()) {
            ctx.channel().config().setAutoRead(true);
        } else {
            retryLater(ctx);
        }
    }
}
