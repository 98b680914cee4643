package dev.countersign.agent.authorization;

import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.trust.VerifiedPeer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who was let in to what: logged at first sight, counted from then on. At most {@link #EDGES}; what
 * comes after that is only counted in all, and said once.
 */
final class AllowedEdges {
    static final int EDGES = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(AllowedEdges.class);

    private final Map<Edge, LongAdder> edges = new ConcurrentHashMap<>();
    private final LongAdder total = new LongAdder();
    private final LongAdder overflow = new LongAdder();

    /** Made of what is at hand: nothing is rendered for an edge that is known. */
    private record Edge(
            @Nullable SpiffeId source,
            int port,
            @Nullable String method,
            @Nullable String policyNamespace,
            @Nullable String policyName,
            int rule) {}

    void count(Optional<VerifiedPeer> peer, Request request, Decision decision) {
        total.increment();
        Edge edge =
                new Edge(
                        peer.isPresent() ? peer.get().id() : null,
                        request.port(),
                        request.method(),
                        decision.policyNamespace(),
                        decision.policyName(),
                        decision.ruleIndex());
        LongAdder known = edges.get(edge);
        if (known != null) {
            known.increment();
        } else {
            enter(edge, decision);
        }
    }

    long total() {
        return total.sum();
    }

    long overflow() {
        return overflow.sum();
    }

    int size() {
        return edges.size();
    }

    private void enter(Edge edge, Decision decision) {
        if (edges.size() >= EDGES) {
            if (overflow.sum() == 0) {
                LOG.atWarn().addKeyValue("edges", EDGES).log("table of allowed edges is full");
            }
            overflow.increment();
            return;
        }
        LongAdder fresh = new LongAdder();
        LongAdder raced = edges.putIfAbsent(edge, fresh);
        (raced == null ? fresh : raced).increment();
        if (raced == null) {
            LOG.atInfo()
                    .addKeyValue("source", edge.source() == null ? "(none)" : edge.source())
                    .addKeyValue("port", edge.port())
                    .addKeyValue("method", edge.method() == null ? "" : edge.method())
                    .addKeyValue("policy", decision.policy())
                    .addKeyValue("rule", edge.rule())
                    .addKeyValue("reason", decision.reason())
                    .log("allowed, seen for the first time");
        }
    }
}
