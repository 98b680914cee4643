package dev.countersign.server.rpc;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unix listener that asks the kernel who connects: only this process's own user and root are let
 * in, whatever the mode of the socket file says.
 */
public final class PeerCheckedServerChannel extends EpollServerDomainSocketChannel {
    private static final Logger log = LoggerFactory.getLogger(PeerCheckedServerChannel.class);
    private static final int ROOT = 0;

    @Override
    protected Channel newChildChannel(int fd, byte[] address, int offset, int length)
            throws Exception {
        Channel child = super.newChildChannel(fd, address, offset, length);
        if (!allowed((EpollDomainSocketChannel) child)) {
            child.unsafe().closeForcibly();
        }
        return child;
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
