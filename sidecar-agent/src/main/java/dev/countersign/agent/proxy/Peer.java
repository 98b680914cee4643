package dev.countersign.agent.proxy;

import dev.countersign.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Somebody to make mTLS connections to.
 *
 * @param listener whose connections go there, for logs and status
 * @param address an unresolved host is looked up for each connection
 * @param identity the only one that is accepted there
 */
record Peer(String listener, SocketAddress address, SpiffeId identity) {
    /** 0 for a unix socket. */
    int port() {
        return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
}
