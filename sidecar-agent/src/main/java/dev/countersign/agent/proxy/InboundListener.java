package dev.countersign.agent.proxy;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Accepts mTLS and passes on to the local application.
 *
 * @param name for logs and status
 * @param listen {@link InetSocketAddress} (port 0 takes a free one) or {@code UnixDomainSocketAddress}
 * @param target the application; an unresolved host is looked up for each connection
 * @param protocol what is spoken
 */
public record InboundListener(
        String name, SocketAddress listen, SocketAddress target, Protocol protocol) {
    /** The workload's port as policies see it; 0 behind a unix socket. */
    public int port() {
        return target instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
}
