package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.redirect.OriginalDestinations;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.function.IntPredicate;

/**
 * The original destination of a connection, which never is this agent: a connection that was made to a
 * listener directly names that listener, and carrying it there would be a loop that ends when the
 * descriptors do.
 *
 * @param ours whether a port is one of this agent's listeners
 */
record Redirected(OriginalDestinations destinations, IntPredicate ours) {
    InetSocketAddress destination(Channel accepted) throws Misdirected {
        InetSocketAddress original =
                destinations
                        .of(accepted)
                        .orElseThrow(() ->
                                new Misdirected(
                                        HandshakeRefusal.NOT_REDIRECTED,
                                        "original destination: none (expected: one, by a redirect"
                                                + " rule)"));
        if (original.equals(accepted.localAddress())) {
            throw new Misdirected(
                    HandshakeRefusal.NOT_REDIRECTED,
                    "original destination: " + original + ", this listener (expected: another)");
        }
        if (ours.test(original.getPort())) {
            throw new Misdirected(
                    HandshakeRefusal.OWN_LISTENER,
                    "original destination: "
                            + original
                            + " (expected: no port of this agent's listeners)");
        }
        return original;
    }
}
