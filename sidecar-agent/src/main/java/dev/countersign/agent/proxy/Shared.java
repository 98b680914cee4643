package dev.countersign.agent.proxy;

import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.proxy.connection.BufferPressure;
import dev.countersign.agent.proxy.connection.ConnectionTable;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.ProxyMetrics;
import dev.countersign.agent.proxy.connection.Transport;
import dev.countersign.agent.proxy.http.HttpSettings;
import dev.countersign.agent.proxy.http2.StreamQuota;
import dev.countersign.agent.proxy.relay.ByteCount;
import dev.countersign.agent.proxy.tls.TlsContexts;
import dev.countersign.agent.proxy.traffic.Traffic;
import io.netty.channel.Channel;

/** What every listener uses. */
record Shared(
        ProxyConfig config,
        Transport transport,
        TlsContexts tls,
        ConnectionTable table,
        ProxyMetrics metrics,
        EdgeTable edges,
        StreamQuota streams,
        BufferPressure pressure,
        Traffic traffic,
        TracedHead traced) {
    /** An opaque stream begins on a channel; what it carries is told to the result. */
    ByteCount opened(Channel channel) {
        return OpenConnection.of(channel).map(traffic::opened).orElse(ByteCount.NONE);
    }

    ProxyLimits limits() {
        return config.limits();
    }

    private void ended(EndedRequest request) {
        metrics.ended(request);
        traffic.ended(request);
    }

    HttpSettings http(Direction direction) {
        return new HttpSettings(
                direction,
                metrics,
                this::ended,
                limits().timeout(Timeout.HEAD),
                limits().timeout(Timeout.IDLE),
                limits().overload().stall(),
                pressure,
                limits().timeout(Timeout.LINGER));
    }
}
