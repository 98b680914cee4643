package dev.countersign.agent.proxy.relay;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/**
 * Stream signals of bare TLS: close_notify is finished (RFC 8446 section 6.1), a socket closed
 * without it is reset. After the peer's close_notify nothing can be written any more: the engine
 * answers it at once.
 */
public final class TlsSignals extends ChannelDuplexHandler {
    private final SslHandler tls;

    public TlsSignals(SslHandler tls) {
        this.tls = tls;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean closeNotify = event instanceof SslCloseCompletionEvent closed && closed.isSuccess();
        ctx.fireUserEventTriggered(closeNotify ? StreamSignal.FINISHED : event);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message == StreamSignal.FINISHED) {
            SocketSignals.afterEarlierWrites(ctx, tls::closeOutbound);
            promise.trySuccess();
        } else if (message == StreamSignal.RESET) {
            SocketSignals.reset(ctx);
            promise.trySuccess();
        } else {
            ctx.write(message, promise);
        }
    }
}
