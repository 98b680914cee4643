package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestEnds;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.VerifiedPeer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Requests and streams by who spoke with whom. Peers choose their own number, so it is bounded: those
 * beyond the bound are counted together, as {@code other}, and how often that happened is counted.
 * Recording looks things up and adds; it makes no garbage.
 */
public final class TrafficMetrics implements RequestEnds {
    static final String UNKNOWN = "unknown";
    static final String OTHER = "other";

    private final int maxPeers;
    private final Map<Direction, OneWay> ways = new EnumMap<>(Direction.class);
    private final LongAdder overflowed = new LongAdder();

    /**
     * @param maxPeers counted one by one, for each direction; at least 1
     */
    public TrafficMetrics(int maxPeers) {
        if (maxPeers < 1) {
            throw new IllegalArgumentException("maxPeers: " + maxPeers + " (expected: >= 1)");
        }
        this.maxPeers = maxPeers;
        for (Direction direction : Direction.values()) {
            ways.put(direction, new OneWay(direction));
        }
    }

    @Override
    public void ended(EndedRequest request) {
        if (!of(request.direction(), request.peer()).record(request)) {
            overflowed.increment();
        }
    }

    /** An opaque stream begins; what it carries is to be told to the result, from its event loop. */
    StreamSeries streamOpened(OpenConnection connection) {
        StreamSeries series = of(connection.direction(), connection.peer()).streams();
        series.opened.increment();
        return series;
    }

    /** What had no room for a series of its own. */
    long overflowed() {
        return overflowed.sum();
    }

    /** Whatever was ever counted. */
    List<PeerSeries> series() {
        List<PeerSeries> all = new ArrayList<>();
        for (OneWay way : ways.values()) {
            all.addAll(way.peers.values());
            all.add(way.unknown);
            all.add(way.other);
        }
        return all;
    }

    private PeerSeries of(Direction direction, Optional<VerifiedPeer> peer) {
        OneWay way = Objects.requireNonNull(ways.get(direction));
        if (peer.isEmpty()) {
            return way.unknown;
        }
        SpiffeId id = peer.get().id();
        PeerSeries known = way.peers.get(id);
        return known == null ? open(way, id) : known;
    }

    private PeerSeries open(OneWay way, SpiffeId id) {
        if (way.peers.size() >= maxPeers) {
            overflowed.increment();
            return way.other;
        }
        return way.peers.computeIfAbsent(
                id, peer -> new PeerSeries(way.direction, peer.toString(), true));
    }

    private static final class OneWay {
        private final Direction direction;
        private final ConcurrentMap<SpiffeId, PeerSeries> peers = new ConcurrentHashMap<>();
        private final PeerSeries unknown;
        private final PeerSeries other;

        OneWay(Direction direction) {
            this.direction = direction;
            this.unknown = new PeerSeries(direction, UNKNOWN, false);
            this.other = new PeerSeries(direction, OTHER, true);
        }
    }
}
