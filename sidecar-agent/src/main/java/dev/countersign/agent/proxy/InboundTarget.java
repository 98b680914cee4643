package dev.countersign.agent.proxy;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Where one inbound connection is to go.
 *
 * @param application an unresolved host is looked up for each connection
 * @param protocol what is spoken
 * @param transparent whether the caller dialled the application itself and knows nothing of us: its TLS
 *     may then be the application's own
 */
record InboundTarget(SocketAddress application, Protocol protocol, boolean transparent) {
    /** The workload's port as policies see it; 0 behind a unix socket. */
    int port() {
        return application instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
}
