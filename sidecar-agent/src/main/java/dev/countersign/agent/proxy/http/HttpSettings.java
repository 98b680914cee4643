package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.BufferPressure;
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
 * @param stallTimeout how long a client may keep us waiting in the middle of something
 * @param pressure asked before each request whether there is room for it
 * @param lingerTimeout how long a refused client may go on sending before its socket is closed
 */
public record HttpSettings(
        Direction direction,
        ProxyMetrics metrics,
        RequestEnds ends,
        Duration headTimeout,
        Duration idleTimeout,
        Duration stallTimeout,
        BufferPressure pressure,
        Duration lingerTimeout) {}
