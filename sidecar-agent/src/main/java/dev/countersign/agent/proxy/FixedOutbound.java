package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http.Upstreams;
import dev.countersign.agent.proxy.http2.Http2Upstreams;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Everything that one listener accepts goes to one peer. */
final class FixedOutbound implements OutboundRoute, OutboundRoute.Outlet {
    private final Shared shared;
    private final OutboundListener listener;
    private final PeerConnector connector;
    private final Map<EventLoop, UpstreamPool> pools = new ConcurrentHashMap<>();
    private final Map<EventLoop, Http2Pool> http2Pools = new ConcurrentHashMap<>();

    FixedOutbound(Shared shared, OutboundListener listener, HandshakeLog log) {
        this.shared = shared;
        this.listener = listener;
        this.connector =
                new PeerConnector(
                        shared,
                        new Peer(listener.name(), listener.target(), listener.expectedPeer()),
                        log);
    }

    @Override
    public String name() {
        return listener.name();
    }

    @Override
    public Outlet of(Channel accepted) {
        return this;
    }

    @Override
    public Protocol protocol() {
        return listener.protocol();
    }

    @Override
    public Optional<Callee> callee() {
        return Optional.of(new Callee(listener.expectedPeer(), listener.targetPort()));
    }

    @Override
    public Upstreams upstreams(EventLoop loop) {
        return pools.computeIfAbsent(loop, any -> new UpstreamPool(shared, connector, loop));
    }

    @Override
    public Http2Upstreams http2(EventLoop loop) {
        return http2Pools.computeIfAbsent(loop, any -> Http2Pool.towards(shared, connector, loop));
    }

    @Override
    public Connector stream() {
        return connector;
    }

    @Override
    public void retireOld() {
        pools.forEach((loop, pool) -> loop.execute(pool::retireOld));
        http2Pools.forEach((loop, pool) -> loop.execute(pool::retireOld));
    }

    @Override
    public void close() {
        pools.forEach((loop, pool) -> loop.execute(pool::close));
        http2Pools.forEach((loop, pool) -> loop.execute(pool::close));
    }
}
