package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.connection.ProxyMetrics;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refused connections: each is counted, each reason is logged once a second at most, so that garbage
 * at a port does not fill a disk.
 */
final class HandshakeLog {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeLog.class);

    private final ProxyMetrics metrics;
    private final ConcurrentMap<String, AtomicLong> lastLogged = new ConcurrentHashMap<>();

    HandshakeLog(ProxyMetrics metrics) {
        this.metrics = metrics;
    }

    void refused(Direction direction, String listener, Object remote, HandshakeRefusal refusal) {
        metrics.handshakeRefused(direction, refusal);
        if (due(direction + refusal.code())) {
            LOG.atInfo()
                    .addKeyValue("direction", direction)
                    .addKeyValue("listener", listener)
                    .addKeyValue("remote", remote)
                    .addKeyValue("reason", refusal.code())
                    .addKeyValue("detail", refusal.detail())
                    .log("connection refused");
        }
    }

    private boolean due(String reason) {
        long now = System.nanoTime();
        AtomicLong last =
                lastLogged.computeIfAbsent(reason, first -> new AtomicLong(now - INTERVAL));
        long before = last.get();
        return now - before >= INTERVAL && last.compareAndSet(before, now);
    }
}
