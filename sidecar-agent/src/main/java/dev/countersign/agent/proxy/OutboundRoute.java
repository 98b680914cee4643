package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http.Upstreams;
import dev.countersign.agent.proxy.http2.Http2Upstreams;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Optional;

/** Says where the connections of the application that one listener accepts are to go. */
interface OutboundRoute {
    /** The listener's, for logs and status. */
    String name();

    /** Called once for each accepted connection, on its event loop. */
    Outlet of(Channel accepted) throws Misdirected;

    /** A new identity: unused connections of the old one are closed. */
    void retireOld();

    void close();

    /** Where one connection goes. */
    interface Outlet {
        Protocol protocol();

        /** Whom the application calls by it; empty where that has no identity, or one of several. */
        Optional<Callee> callee();

        /** For the requests of one connection of this loop. */
        Upstreams upstreams(EventLoop loop);

        /** For the requests of one HTTP/2 connection of this loop. */
        Http2Upstreams http2(EventLoop loop);

        /** For an opaque stream. */
        Connector stream();
    }
}
