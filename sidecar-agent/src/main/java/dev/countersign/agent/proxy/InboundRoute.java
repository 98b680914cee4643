package dev.countersign.agent.proxy;

import io.netty.channel.Channel;

/** Says where the connections that one listener accepts are to go. */
interface InboundRoute {
    /** The listener's, for logs and status. */
    String name();

    /** Called once for each accepted connection, on its event loop. */
    InboundTarget of(Channel accepted) throws Misdirected;
}
