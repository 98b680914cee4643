package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.Transport;
import dev.countersign.agent.proxy.http.HttpBack;
import dev.countersign.agent.proxy.http.Upstreams;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One kept connection to the application for each connection of a peer: what one peer may have done
 * to a connection never touches another's requests.
 */
final class DedicatedUpstream implements Upstreams {
    private final Transport transport;
    private final SocketAddress target;
    private final Duration connectTimeout;
    private @Nullable HttpBack kept;
    private boolean closed;

    DedicatedUpstream(Transport transport, SocketAddress target, Duration connectTimeout) {
        this.transport = transport;
        this.target = target;
        this.connectTimeout = connectTimeout;
    }

    @Override
    public void acquire(EventLoop loop, boolean fresh, Waiter waiter) {
        HttpBack free = kept;
        kept = null;
        if (free != null && free.active() && !fresh) {
            waiter.ready(free);
            return;
        }
        if (free != null) {
            free.close();
        }
        HttpBack back = new HttpBack(Wire.PLAIN, this, true, 0);
        transport
                .connect(loop, target, connectTimeout, back)
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        waiter.ready(back);
                    } else {
                        waiter.failed(connected.cause());
                    }
                });
    }

    @Override
    public void release(HttpBack back) {
        if (closed || kept != null || !back.active()) {
            back.close();
        } else {
            kept = back;
        }
    }

    @Override
    public void lost(HttpBack back) {
        if (kept == back) {
            kept = null;
        }
    }

    @Override
    public void frontClosed() {
        closed = true;
        if (kept != null) {
            kept.close();
            kept = null;
        }
    }
}
