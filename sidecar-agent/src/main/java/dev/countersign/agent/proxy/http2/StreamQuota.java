package dev.countersign.agent.proxy.http2;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many streams each peer has open, all its connections together: a peer that opens many
 * connections gets no more than one that opens a few. Thread-safe.
 */
public final class StreamQuota {
    private final int limit;
    private final ConcurrentMap<String, Share> shares = new ConcurrentHashMap<>();

    /**
     * @param limit open streams for each peer
     */
    public StreamQuota(int limit) {
        this.limit = limit;
    }

    /**
     * What one more connection of a peer takes its streams from; {@link Share#leave} when it closes.
     *
     * @param peer its identity, or the address of one without
     */
    public Share join(String peer) {
        return shares.compute(
                peer,
                (name, share) -> {
                    Share mine = share == null ? new Share(name) : share;
                    mine.connections++;
                    return mine;
                });
    }

    /** The streams of one peer. */
    public final class Share {
        private final String peer;
        private final AtomicInteger open = new AtomicInteger();

        /** Guarded by the map's lock on this peer. */
        private int connections;

        private Share(String peer) {
            this.peer = peer;
        }

        boolean take() {
            if (open.incrementAndGet() > limit) {
                open.decrementAndGet();
                return false;
            }
            return true;
        }

        void giveBack() {
            open.decrementAndGet();
        }

        void leave() {
            shares.computeIfPresent(peer, (name, mine) -> --mine.connections == 0 ? null : mine);
        }
    }
}
