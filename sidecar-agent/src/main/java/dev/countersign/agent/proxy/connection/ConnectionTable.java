package dev.countersign.agent.proxy.connection;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.VerifiedPeer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every open connection. {@link #deny} finds those of a denied peer by an index. {@link #recheck} asks each of them, on its own event loop, whether it is
 * still allowed; those that are not are closed, at most {@link #CLOSES_PER_SECOND} a second and loop,
 * so that a wide change does not become a storm of reconnects.
 */
public final class ConnectionTable {
    /** Bounded so that peers come back in a stream, not all at once. */
    static final int CLOSES_PER_SECOND = 2000;

    private static final int TICKS_PER_SECOND = 20;
    private static final int SHOWN = 10;
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionTable.class);

    private final int limit;
    private final int perPeer;
    private final ProxyMetrics metrics;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Set<OpenConnection> open = ConcurrentHashMap.newKeySet();
    private final PeerIndex byPeer = new PeerIndex();
    private final Set<Channel> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger slots = new AtomicInteger();
    private final ConcurrentMap<SpiffeId, AtomicInteger> ofPeer = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();

    /**
     * @param limit connections accepted at a time, in all
     * @param perPeer inbound ones of one identity at a time
     */
    public ConnectionTable(
            int limit,
            int perPeer,
            ProxyMetrics metrics,
            InstantSource clock,
            RandomGenerator random) {
        this.limit = limit;
        this.perPeer = perPeer;
        this.metrics = metrics;
        this.clock = clock;
        this.random = random;
        metrics.outlived(this::outlived);
    }

    /** Takes one of the slots for a socket just accepted; given back when it closes. */
    public boolean admit(Channel channel) {
        if (slots.incrementAndGet() > limit) {
            slots.decrementAndGet();
            return false;
        }
        accepted.add(channel);
        channel.closeFuture()
                .addListener(closed -> {
                    accepted.remove(channel);
                    slots.decrementAndGet();
                });
        return true;
    }

    /** Whether a peer has as many connections to this workload as it may. */
    public Optional<HandshakeRefusal> crowdedBy(VerifiedPeer peer) {
        AtomicInteger mine = ofPeer.get(peer.id());
        return mine != null && mine.get() >= perPeer
                ? Optional.of(
                        new HandshakeRefusal(
                                HandshakeRefusal.PEER_LIMIT,
                                "connections of "
                                        + peer.id()
                                        + ": "
                                        + perPeer
                                        + " (expected: fewer)"))
                : Optional.empty();
    }

    /** Fires an event at every socket accepted and not closed. */
    public void tell(Object event) {
        accepted.forEach(channel -> channel.pipeline().fireUserEventTriggered(event));
    }

    /** Sockets accepted and not closed, handshakes included. */
    public int accepted() {
        return slots.get();
    }

    /** Enters a connection that was let in; it leaves by itself when its channel closes. */
    public OpenConnection add(
            Direction direction,
            String listener,
            Channel channel,
            Optional<VerifiedPeer> peer,
            int targetPort,
            String protocol) {
        Instant now = clock.instant();
        OpenConnection connection =
                new OpenConnection(
                        ids.incrementAndGet(),
                        direction,
                        listener,
                        channel,
                        peer,
                        targetPort,
                        protocol,
                        now,
                        peer.map(verified -> PeerExpiry.moment(verified, now, random))
                                .orElse(Instant.MAX));
        connection.enter();
        open.add(connection);
        byPeer.add(connection);
        metrics.opened(direction);
        if (direction == Direction.INBOUND) {
            peer.ifPresent(verified -> counted(verified.id(), channel));
        }
        channel.closeFuture()
                .addListener(closed -> {
                    open.remove(connection);
                    byPeer.remove(connection);
                    metrics.closed(direction);
                });
        return connection;
    }

    public List<OpenConnection.State> states() {
        return open.stream().map(OpenConnection::state).toList();
    }

    public int size() {
        return open.size();
    }

    /**
     * Decides everything again, each connection on its loop.
     *
     * @param believed whether a peer on an open connection is still believed and not denied; asked
     *     once for each distinct certificate
     */
    public void recheck(Predicate<OpenConnection> believed) {
        Map<EventLoop, List<OpenConnection>> byLoop = new HashMap<>();
        for (OpenConnection connection : open) {
            byLoop.computeIfAbsent(connection.channel().eventLoop(), loop -> new ArrayList<>())
                    .add(connection);
        }
        byLoop.forEach((loop, mine) -> loop.execute(() -> recheck(loop, mine, believed)));
    }

    /**
     * Closes what is open with peers that these entries name, in either direction, at once but for
     * the bound on closes.
     */
    public void deny(List<DenyEntry> entries) {
        Map<EventLoop, Deque<OpenConnection>> doomed = new HashMap<>();
        for (OpenConnection connection :
                byPeer.named(entries.stream().map(DenyEntry::target).toList())) {
            doomed.computeIfAbsent(connection.channel().eventLoop(), any -> new ArrayDeque<>())
                    .add(connection);
        }
        if (!doomed.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue(
                            "connections", doomed.values().stream().mapToInt(Deque::size).sum())
                    .addKeyValue(
                            "entries", entries.stream().map(DenyEntry::id).limit(SHOWN).toList())
                    .log("closing connections with denied peers");
        }
        doomed.forEach(
                (loop, mine) -> loop.execute(() -> closeSome(loop, mine, metrics::closedByChange)));
    }

    /** Open connections whose peer's certificate has ended meanwhile. */
    public int outlived() {
        Instant now = clock.instant();
        return (int) open.stream().filter(connection -> connection.outlives(now)).count();
    }

    /**
     * Acts on the connections whose peer's certificate ends; called every second or so.
     *
     * @param drain fired at those that are to be drained
     */
    public void expire(PeerExpiry expiry, Object drain) {
        Instant now = clock.instant();
        Map<EventLoop, Deque<OpenConnection>> closing = new HashMap<>();
        int drained = 0;
        for (OpenConnection connection : open) {
            switch (expiry.due(connection, now)) {
                case NOTHING -> {}
                case DRAIN -> {
                    connection.drainingSince(now);
                    connection.channel().pipeline().fireUserEventTriggered(drain);
                    drained++;
                }
                case CLOSE ->
                        closing.computeIfAbsent(
                                        connection.channel().eventLoop(), any -> new ArrayDeque<>())
                                .add(connection);
            }
        }
        if (drained > 0 || !closing.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("draining", drained)
                    .addKeyValue("closing", closing.values().stream().mapToInt(Deque::size).sum())
                    .log("connections whose peer's certificate ends");
        }
        closing.forEach((loop, doomed) ->
                loop.execute(() -> closeSome(loop, doomed, metrics::closedByExpiry)));
    }

    /** Closes whatever is left, at once. */
    public void closeAll() {
        accepted.forEach(Channel::close);
        open.forEach(connection -> connection.channel().close());
    }

    private void recheck(
            EventLoop loop, List<OpenConnection> connections, Predicate<OpenConnection> believed) {
        Map<String, Boolean> verdicts = new HashMap<>();
        Deque<OpenConnection> doomed = new ArrayDeque<>();
        Set<String> peers = new HashSet<>();
        for (OpenConnection connection : connections) {
            boolean keep =
                    connection.peer().isEmpty()
                            || verdicts.computeIfAbsent(
                                    certificateOf(connection),
                                    certificate -> believed.test(connection));
            if (!keep || !connection.stillAllowed()) {
                doomed.add(connection);
                connection.peer().ifPresent(peer -> peers.add(peer.id().toString()));
            }
        }
        if (!doomed.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("connections", doomed.size())
                    .addKeyValue("peers", peers)
                    .log("closing connections that are no longer allowed");
            closeSome(loop, doomed, metrics::closedByChange);
        }
    }

    private void closeSome(EventLoop loop, Deque<OpenConnection> doomed, Runnable counted) {
        for (int i = 0; i < CLOSES_PER_SECOND / TICKS_PER_SECOND && !doomed.isEmpty(); i++) {
            OpenConnection connection = doomed.remove();
            if (connection.channel().isActive()) {
                counted.run();
                connection.channel().close();
            }
        }
        if (!doomed.isEmpty()) {
            long pause = Duration.ofSeconds(1).toMillis() / TICKS_PER_SECOND;
            loop.schedule(() -> closeSome(loop, doomed, counted), pause, TimeUnit.MILLISECONDS);
        }
    }

    private void counted(SpiffeId peer, Channel channel) {
        ofPeer.compute(
                peer,
                (id, count) -> {
                    AtomicInteger mine = count == null ? new AtomicInteger() : count;
                    mine.incrementAndGet();
                    return mine;
                });
        channel.closeFuture()
                .addListener(closed ->
                        ofPeer.computeIfPresent(
                                peer, (id, mine) -> mine.decrementAndGet() == 0 ? null : mine));
    }

    private static String certificateOf(OpenConnection connection) {
        return connection
                .peer()
                .map(peer -> peer.id() + " " + peer.issuerKeyId() + " " + peer.serial())
                .orElse("");
    }
}
