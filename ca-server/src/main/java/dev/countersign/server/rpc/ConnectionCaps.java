package dev.countersign.server.rpc;

import dev.countersign.server.limits.CallerCaps;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Sits in the listener, in front of what accepts: a connection over a cap, or a handshake too many,
 * is closed before a byte of TLS is read. Nothing is said to the caller and nothing is logged for
 * each: that would cost more than the connection.
 */
final class ConnectionCaps extends ChannelInboundHandlerAdapter {
    private final CallerCaps caps;

    ConnectionCaps(CallerCaps caps) {
        this.caps = caps;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (accepted instanceof Channel child
                && child.remoteAddress() instanceof InetSocketAddress caller
                && !admits(child, caller.getAddress())) {
            child.unsafe().closeForcibly();
            return;
        }
        context.fireChannelRead(accepted);
    }

    private boolean admits(Channel child, InetAddress caller) {
        return switch (caps.connect(caller)) {
            case CallerCaps.Full full -> false;
            case CallerCaps.Open open -> mayBegin(child, caller, open);
        };
    }

    /** The place is given back when the connection ends, or at once: a refused one never began. */
    private boolean mayBegin(Channel child, InetAddress caller, CallerCaps.Open open) {
        if (!caps.handshake(caller).passes()) {
            open.close();
            return false;
        }
        child.closeFuture().addListener(closed -> open.close());
        return true;
    }
}
