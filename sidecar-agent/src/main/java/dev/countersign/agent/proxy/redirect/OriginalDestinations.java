package dev.countersign.agent.proxy.redirect;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Asked once for each accepted connection. */
@FunctionalInterface
public interface OriginalDestinations {
    /** Empty where the connection was made to this listener directly, as far as is known. */
    Optional<InetSocketAddress> of(Channel accepted);
}
