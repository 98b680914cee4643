package dev.countersign.agent.roots;

import dev.countersign.feed.RootUsage;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts handshakes by the root that verified their peer. Safe for many threads. */
public final class RootCounter {
    private final InstantSource clock;
    private final Instant since;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private long untrustedInbound;
    private long untrustedOutbound;
    private @Nullable Instant lastUntrusted;

    public RootCounter(InstantSource clock) {
        this.clock = clock;
        this.since = clock.instant();
    }

    /** A handshake was verified. */
    public synchronized void needed(VerifiedPeer peer) {
        if (!tallies.containsKey(peer.rootKeyId()) && tallies.size() >= RootUsage.MAX_ROOTS) {
            forgetTheOldest();
        }
        tallies.computeIfAbsent(peer.rootKeyId(), root -> new Tally()).count(clock.instant());
    }

    /** A peer that came to us was refused. */
    public synchronized void refusedInbound(TrustRefused refused) {
        if (isAboutRoots(refused.refusal())) {
            untrustedInbound++;
            lastUntrusted = clock.instant();
        }
    }

    /** A peer that we went to was refused. */
    public synchronized void refusedOutbound(TrustRefused refused) {
        if (isAboutRoots(refused.refusal())) {
            untrustedOutbound++;
            lastUntrusted = clock.instant();
        }
    }

    /**
     * What was counted so far.
     *
     * @param open by root, connections that are open now
     */
    public synchronized RootUsage usage(Map<String, Long> open) {
        List<RootUsage.Use> uses = new ArrayList<>();
        tallies.forEach((root, tally) ->
                uses.add(
                        new RootUsage.Use(
                                root,
                                tally.handshakes,
                                Optional.of(tally.last),
                                open.getOrDefault(root, 0L))));
        return new RootUsage(
                since,
                uses,
                untrustedInbound,
                untrustedOutbound,
                Optional.ofNullable(lastUntrusted));
    }

    /** What a bundle with other roots would have changed; expired or malformed is something else. */
    private static boolean isAboutRoots(Refusal refusal) {
        return refusal == Refusal.UNTRUSTED_ISSUER || refusal == Refusal.BAD_SIGNATURE;
    }

    private void forgetTheOldest() {
        String oldest = "";
        Instant last = Instant.MAX;
        for (Map.Entry<String, Tally> entry : tallies.entrySet()) {
            if (entry.getValue().last.isBefore(last)) {
                oldest = entry.getKey();
                last = entry.getValue().last;
            }
        }
        tallies.remove(oldest);
    }

    private static final class Tally {
        private long handshakes;
        private Instant last = Instant.MIN;

        void count(Instant now) {
            handshakes++;
            last = now;
        }
    }
}
