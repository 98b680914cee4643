package dev.countersign.agent.proxy;

import dev.countersign.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Accepts from the local application and passes on over mTLS to one peer. A plain loopback address
 * trusts every local user; a unix socket trusts who may open its file.
 *
 * @param name for logs and status
 * @param listen where the application connects to
 * @param target the peer's agent
 * @param expectedPeer the only identity that is accepted there
 * @param protocol what is spoken
 */
public record OutboundListener(
        String name,
        SocketAddress listen,
        SocketAddress target,
        SpiffeId expectedPeer,
        Protocol protocol) {

    /** Of the peer's agent; 0 where its address has none. */
    int targetPort() {
        return target instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
}
