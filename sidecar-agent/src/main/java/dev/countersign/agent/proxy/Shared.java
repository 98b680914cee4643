package dev.countersign.agent.proxy;

import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.proxy.connection.BufferPressure;
import dev.countersign.agent.proxy.connection.ConnectionTable;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.ProxyMetrics;
import dev.countersign.agent.proxy.connection.Transport;
import dev.countersign.agent.proxy.http.HttpSettings;
import dev.countersign.agent.proxy.http2.StreamQuota;
import dev.countersign.agent.proxy.tls.TlsContexts;

/** What every listener uses. */
record Shared(
        ProxyConfig config,
        Transport transport,
        TlsContexts tls,
        ConnectionTable table,
        ProxyMetrics metrics,
        EdgeTable edges,
        StreamQuota streams,
        BufferPressure pressure) {
    ProxyLimits limits() {
        return config.limits();
    }

    HttpSettings http(Direction direction) {
        return new HttpSettings(
                direction,
                metrics,
                metrics,
                limits().head(),
                limits().idle(),
                limits().overload().stall(),
                pressure,
                limits().linger());
    }
}
