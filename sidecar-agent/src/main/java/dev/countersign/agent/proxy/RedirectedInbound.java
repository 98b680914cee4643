package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Predicate;

/** Connections from outside go on to the very address of this host that they were made to. */
final class RedirectedInbound implements InboundRoute {
    private final String name;
    private final Redirected redirected;
    private final RedirectConfig config;
    private final Predicate<InetAddress> own;

    RedirectedInbound(
            String name, Redirected redirected, RedirectConfig config, Predicate<InetAddress> own) {
        this.name = name;
        this.redirected = redirected;
        this.config = config;
        this.own = own;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public InboundTarget of(Channel accepted) throws Misdirected {
        InetSocketAddress original = redirected.destination(accepted);
        if (!own.test(original.getAddress())) {
            throw new Misdirected(
                    HandshakeRefusal.NOT_OUR_ADDRESS,
                    "original destination: " + original + " (expected: an address of this host)");
        }
        return new InboundTarget(original, config.protocol(original.getPort()), true);
    }
}
