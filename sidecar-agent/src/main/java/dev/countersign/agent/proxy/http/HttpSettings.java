package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.ProxyMetrics;
import dev.countersign.agent.proxy.connection.RequestEnds;
import java.time.Duration;

/**
 * What the HTTP sessions of one direction share.
 *
 * @param ends told of each request when it is over
 * @param headTimeout from the first byte of a head to its last
 * @param idleTimeout between requests on a kept connection
 * @param lingerTimeout how long a refused client may go on sending before its socket is closed
 */
public record HttpSettings(
        Direction direction,
        ProxyMetrics metrics,
        RequestEnds ends,
        Duration headTimeout,
        Duration idleTimeout,
        Duration lingerTimeout) {}
