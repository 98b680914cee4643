package dev.countersign.agent.proxy.connection;

import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.trust.VerifiedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When an open connection has outlived its peer's certificate, and what becomes of it then.
 *
 * <p>What acts does so in the last fifth of the time that the connection had, each connection at a
 * moment of its own, so that peers certified together do not come back together; never after the
 * certificate's end.
 *
 * @param action what the server's settings say now
 * @param grace from the start of a drain to the close of what is left
 */
public record PeerExpiry(OnPeerCertificateExpiry action, Duration grace) {
    private static final double JITTER = 0.2;

    /** What is due for a connection. */
    enum Due {
        NOTHING,
        DRAIN,
        CLOSE
    }

    /**
     * The moment at which a connection made now is due.
     *
     * @param peer whose certificate is meant
     */
    static Instant moment(VerifiedPeer peer, Instant now, RandomGenerator random) {
        Duration left = Duration.between(now, peer.notAfter());
        if (!left.isPositive()) {
            return peer.notAfter();
        }
        return peer.notAfter().minusMillis((long) (left.toMillis() * JITTER * random.nextDouble()));
    }

    /** What is to be done about a connection at this time. */
    Due due(OpenConnection connection, Instant now) {
        if (now.isBefore(connection.expiryMoment())) {
            return Due.NOTHING;
        }
        return switch (action) {
            case KEEP -> Due.NOTHING;
            case CLOSE -> Due.CLOSE;
            case DRAIN -> drain(connection, now);
        };
    }

    private Due drain(OpenConnection connection, Instant now) {
        Instant since = connection.drainingSince();
        if (since == null) {
            return Due.DRAIN;
        }
        return now.isBefore(since.plus(grace)) ? Due.NOTHING : Due.CLOSE;
    }
}
