package dev.countersign.agent.proxy.relay;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * What a channel speaks below the application's bytes.
 *
 * @param tls null on a plain socket
 * @param agent whether the other end is an agent, which knows frames
 * @param framed whether frames are spoken already, by a {@link FrameCodec} in the pipeline
 */
public record Wire(@Nullable SslHandler tls, boolean agent, boolean framed) {
    public static final Wire PLAIN = new Wire(null, false, false);

    /** A new handler that gives stream signals their form on this wire. */
    public ChannelHandler signals() {
        if (framed) {
            return new ChannelInboundHandlerAdapter();
        }
        if (tls == null) {
            return new SocketSignals();
        }
        return agent ? new FrameCodec() : new TlsSignals(tls);
    }

    /** Tells the other end that nothing more will be sent; reading goes on. */
    public void finishOutput(ChannelHandlerContext ctx) {
        if (framed) {
            ctx.writeAndFlush(StreamSignal.FINISHED);
        } else if (tls != null) {
            tls.closeOutbound();
        } else if (ctx.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        }
    }
}
