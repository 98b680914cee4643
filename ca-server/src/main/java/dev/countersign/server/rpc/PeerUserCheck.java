package dev.countersign.server.rpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sits in a unix listener, in front of what accepts, and asks the kernel who connects: only this
 * process's own user and root are let in, whatever the mode of the socket file says.
 */
final class PeerUserCheck extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(PeerUserCheck.class);
    private static final int ROOT = 0;

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (accepted instanceof EpollDomainSocketChannel child && !allowed(child)) {
            child.unsafe().closeForcibly();
            return;
        }
        context.fireChannelRead(accepted);
    }

    private static boolean allowed(EpollDomainSocketChannel child) {
        try {
            PeerCredentials peer = child.peerCredentials();
            boolean allowed = peer.uid() == ROOT || peer.uid() == OwnUser.uid();
            log.atInfo()
                    .addKeyValue("uid", peer.uid())
                    .addKeyValue("pid", peer.pid())
                    .addKeyValue("allowed", allowed)
                    .log("admin socket connection");
            return allowed;
        } catch (IOException unknown) {
            log.atWarn().addKeyValue("cause", unknown.toString()).log("admin socket peer unknown");
            return false;
        }
    }
}
