package dev.countersign.agent;

import dev.countersign.agent.proxy.OverloadLimits;
import dev.countersign.agent.proxy.ProxyLimits;
import dev.countersign.agent.proxy.Timeout;
import dev.countersign.agent.proxy.Timeouts;
import dev.countersign.agent.proxy.http2.Http2Limits;
import dev.countersign.agent.proxy.http2.KeepAlive;
import dev.countersign.runtime.ConfigReader;
import java.time.Duration;
import java.util.Locale;

/**
 * Reads {@code limits}.
 *
 * <pre>{@code
 * limits:
 *   connections: 10000               # accepted at a time, in all
 *   connectionsPerListener: 10000
 *   connectionsPerPeer: 5000         # inbound, of one identity
 *   pooledPerPeer: 256               # unused ones that are kept, for each event loop
 *   streamsPerConnection: 100        # HTTP/2
 *   streamsPerPeer: 2000
 *   stall: 60s                       # a client that takes nothing, or owes the rest of a body
 *   keepAlive: 10s                   # HTTP/2: silence after which the other end is asked
 *   keepAliveTimeout: 3s             # for its answer
 *   handshake: 10s                   # and every other Timeout, in camel case
 * }</pre>
 */
final class LimitsReader {
    private static final int MOST_CONNECTIONS = 1_000_000;
    private static final int MOST_POOLED = 10_000;
    private static final int MOST_STREAMS = 10_000;
    private static final Duration SHORTEST = Duration.ofMillis(100);

    private final ConfigReader reader;

    LimitsReader(ConfigReader reader) {
        this.reader = reader;
    }

    ProxyLimits read() {
        ProxyLimits standard = ProxyLimits.defaults();
        return new ProxyLimits(
                integer("connections", MOST_CONNECTIONS, standard.connections()),
                integer("pooledPerPeer", MOST_POOLED, standard.pooledPerPeer()),
                Timeouts.of(which ->
                        duration(key(which), which.least(), which.most(), which.standard())),
                http2(standard.http2()),
                overload(standard.overload()));
    }

    private Http2Limits http2(Http2Limits standard) {
        KeepAlive.Settings keepAlive = standard.keepAlive();
        return standard.with(
                integer("streamsPerConnection", MOST_STREAMS, standard.streams()),
                integer("streamsPerPeer", MOST_CONNECTIONS, standard.streamsPerPeer()),
                new KeepAlive.Settings(
                        duration("keepAlive", SHORTEST, Duration.ofHours(1), keepAlive.silence()),
                        duration(
                                "keepAliveTimeout",
                                SHORTEST,
                                Duration.ofMinutes(5),
                                keepAlive.patience())));
    }

    private OverloadLimits overload(OverloadLimits standard) {
        return new OverloadLimits(
                integer(
                        "connectionsPerListener",
                        MOST_CONNECTIONS,
                        standard.connectionsPerListener()),
                integer("connectionsPerPeer", MOST_CONNECTIONS, standard.connectionsPerPeer()),
                standard.bufferBytes(),
                duration("stall", SHORTEST, Duration.ofHours(1), standard.stall()));
    }

    private int integer(String key, int most, int standard) {
        return Math.toIntExact(reader.integer("limits." + key, 1, most).orDefault((long) standard));
    }

    private Duration duration(String key, Duration least, Duration most, Duration standard) {
        return reader.duration("limits." + key, least, most).orDefault(standard);
    }

    /** {@code CONNECT_TO_PEER} is {@code connectToPeer}. */
    private static String key(Timeout timeout) {
        String[] words = timeout.name().toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder key = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            key.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
        }
        return key.toString();
    }
}
