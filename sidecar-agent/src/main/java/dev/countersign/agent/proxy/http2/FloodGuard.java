package dev.countersign.agent.proxy.http2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;

/**
 * A connection's credit for frames that cost us work and get nobody an answer: resets, pings,
 * settings, priorities, window updates, empty frames. It grows with time, and with what the
 * connection carries; who spends more than that is told to calm down and closed. Event loop only.
 */
final class FloodGuard {
    static final int RESET = 10;
    static final int SETTINGS = 20;
    static final int PING = 5;
    static final int EMPTY = 5;
    static final int SMALL = 1;

    /** Earned by every frame that carries something, sent or received. */
    private static final int CARRIED = 2;

    /** Earned by every response that is begun. */
    private static final int ANSWERED = 12;

    private static final int MOST = 2000;
    private static final int PER_SECOND = 100;

    private int credit = MOST;
    private long refilled = System.nanoTime();

    void carried() {
        credit = Math.min(MOST, credit + CARRIED);
    }

    void answered() {
        credit = Math.min(MOST, credit + ANSWERED);
    }

    /**
     * @throws Http2Exception when the connection is to be closed (RFC 9113 section 10.5)
     */
    void spend(int cost) throws Http2Exception {
        credit -= cost;
        if (credit < 0) {
            refill();
        }
        if (credit < 0) {
            throw Http2Exception.connectionError(
                    Http2Error.ENHANCE_YOUR_CALM, "frames that carry nothing: too many");
        }
    }

    private void refill() {
        long now = System.nanoTime();
        long earned = TimeUnit.NANOSECONDS.toMillis(now - refilled) * PER_SECOND / 1000;
        if (earned > 0) {
            refilled = now;
            credit = (int) Math.min(MOST, credit + earned);
        }
    }
}
