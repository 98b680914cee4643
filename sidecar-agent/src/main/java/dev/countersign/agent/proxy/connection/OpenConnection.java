package dev.countersign.agent.proxy.connection;

import dev.countersign.agent.proxy.relay.ByteCount;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.VerifiedPeer;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One connection that was let in, from its handshake to its end. What changes is touched on the
 * channel's event loop only, except {@link #state()}, which anybody may read.
 */
public final class OpenConnection implements ByteCount {
    private static final AtomicLongFieldUpdater<OpenConnection> RECEIVED =
            AtomicLongFieldUpdater.newUpdater(OpenConnection.class, "received");
    private static final AtomicLongFieldUpdater<OpenConnection> SENT =
            AtomicLongFieldUpdater.newUpdater(OpenConnection.class, "sent");

    private static final AttributeKey<OpenConnection> OF_CHANNEL =
            AttributeKey.valueOf(OpenConnection.class, "OF_CHANNEL");

    private final long id;
    private final Direction direction;
    private final String listener;
    private final Channel channel;
    private final Optional<VerifiedPeer> peer;
    private final SocketAddress remote;
    private final int targetPort;
    private final Instant since;
    private final Instant expiryMoment;
    private volatile String protocol;
    private volatile @Nullable Instant drainingSince;
    private @Nullable Recheck recheck;
    private final AtomicLong requests = new AtomicLong();
    private volatile long received;
    private volatile long sent;

    OpenConnection(
            long id,
            Direction direction,
            String listener,
            Channel channel,
            Optional<VerifiedPeer> peer,
            int targetPort,
            String protocol,
            Instant since,
            Instant expiryMoment) {
        this.id = id;
        this.direction = direction;
        this.listener = listener;
        this.channel = channel;
        this.peer = peer;
        this.remote = channel.remoteAddress();
        this.targetPort = targetPort;
        this.protocol = protocol;
        this.since = since;
        this.expiryMoment = expiryMoment;
    }

    /** The entry of a channel that is in the table. */
    public static Optional<OpenConnection> of(Channel channel) {
        return Optional.ofNullable(channel.attr(OF_CHANNEL).get());
    }

    /** Makes it the entry of its channel. */
    void enter() {
        channel.attr(OF_CHANNEL).set(this);
    }

    public Channel channel() {
        return channel;
    }

    public Direction direction() {
        return direction;
    }

    /** Who is on the mTLS side; empty for a local, plaintext one. */
    public Optional<VerifiedPeer> peer() {
        return peer;
    }

    /** What must hold for this connection to stay open, beside its peer being believed. */
    public void recheckedBy(Recheck recheck) {
        this.recheck = recheck;
    }

    /** What is spoken on it now: {@code http/1.1}, {@code tcp}, {@code tunnel}. */
    public void speaks(String protocol) {
        this.protocol = protocol;
    }

    /** One more request came over it. Event loop only. */
    public void countRequest() {
        requests.lazySet(requests.get() + 1);
    }

    /** The application's bytes that came from the other side. Event loop only. */
    @Override
    public void received(int bytes) {
        RECEIVED.lazySet(this, received + bytes);
    }

    /** The application's bytes that went to the other side. Event loop only. */
    @Override
    public void sent(int bytes) {
        SENT.lazySet(this, sent + bytes);
    }

    /** A request and its answer were carried: the bytes of their bodies. Event loop only. */
    public void carried(long ofRequest, long ofAnswer) {
        boolean inbound = direction == Direction.INBOUND;
        RECEIVED.lazySet(this, received + (inbound ? ofRequest : ofAnswer));
        SENT.lazySet(this, sent + (inbound ? ofAnswer : ofRequest));
    }

    /** The workload's port, or the one that it calls; 0 for a unix socket. */
    public int targetPort() {
        return targetPort;
    }

    /** When the end of its peer's certificate is acted on, where the settings want that. */
    Instant expiryMoment() {
        return expiryMoment;
    }

    /** Null while it is not being drained for its peer's certificate. */
    @Nullable Instant drainingSince() {
        return drainingSince;
    }

    void drainingSince(Instant instant) {
        drainingSince = instant;
    }

    boolean outlives(Instant now) {
        return peer.isPresent() && !now.isBefore(peer.get().notAfter());
    }

    boolean stillAllowed() {
        return recheck == null || recheck.stillAllowed();
    }

    /** What a person asks about a connection. */
    public State state() {
        return new State(
                id,
                direction,
                listener,
                peer.map(VerifiedPeer::id),
                peer.map(VerifiedPeer::serial),
                peer.map(VerifiedPeer::issuerKeyId),
                peer.map(VerifiedPeer::rootKeyId),
                String.valueOf(Transport.plainAddress(remote)),
                targetPort,
                protocol,
                since,
                requests.get(),
                received,
                sent);
    }

    /** Asked on the event loop after every change of policies, bundle or deny list. */
    @FunctionalInterface
    public interface Recheck {
        boolean stillAllowed();
    }

    /**
     * A snapshot.
     *
     * @param id unique in this process
     * @param listener name of the listener that accepted it
     * @param peer identity on the mTLS side
     * @param serial the peer certificate's serial, lower-case hex
     * @param issuerKeyId its authority key identifier, lower-case hex
     * @param rootKeyId key identifier of the root that verified it, lower-case hex
     * @param remote the other end of the accepted socket
     * @param targetPort the workload's port, 0 for a unix socket
     * @param protocol what is spoken on it
     * @param since when it was let in
     * @param requests HTTP requests so far
     * @param received the application's bytes from the other side so far
     * @param sent the application's bytes to the other side so far
     */
    public record State(
            long id,
            Direction direction,
            String listener,
            Optional<SpiffeId> peer,
            Optional<String> serial,
            Optional<String> issuerKeyId,
            Optional<String> rootKeyId,
            String remote,
            int targetPort,
            String protocol,
            Instant since,
            long requests,
            long received,
            long sent) {}
}
