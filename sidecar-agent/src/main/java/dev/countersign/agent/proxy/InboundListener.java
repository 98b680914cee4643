package dev.countersign.agent.proxy;

import io.netty.channel.Channel;
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
    InboundRoute route() {
        InboundTarget fixed = new InboundTarget(target, protocol, false);
        return new InboundRoute() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public InboundTarget of(Channel accepted) {
                return fixed;
            }
        };
    }
}
