package dev.countersign.server.authority.rotation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody who decides whom to believe, as far as the server knows: an agent, by the identity of its
 * stream and the server's own records; or a verifier outside that was registered.
 *
 * @param name as people know it: {@code namespace/pod}
 * @param instance of the process; empty for one outside
 * @param where node or address; empty when unknown
 * @param namespace of its workload; empty for one outside
 * @param labels of its workload
 * @param connected whether it has a stream now
 * @param lastSeen when it was last heard of
 * @param until as long as its certificate lives it may come back with what it trusted before
 * @param epoch of the bundle that it has loaded; 0 = it has not said
 * @param problem why it could not load a newer one; empty = it did not say
 * @param leafRootKeyId of the root its own certificate leads to; empty when unknown
 * @param oldestConnectionRootKeyId of the root that its oldest connection's peer led to; empty = none
 * @param usage which roots its handshakes needed; empty = it does not count, which is not zero
 */
public record Verifier(
        String name,
        String instance,
        String where,
        String namespace,
        Map<String, String> labels,
        boolean connected,
        Instant lastSeen,
        Instant until,
        long epoch,
        String problem,
        String leafRootKeyId,
        String oldestConnectionRootKeyId,
        Optional<Usage> usage) {
    public Verifier {
        labels = Map.copyOf(labels);
    }

    /** The same, without the epoch that it says it has loaded. */
    public Verifier notLoaded(String because) {
        return new Verifier(
                name,
                instance,
                where,
                namespace,
                labels,
                connected,
                lastSeen,
                until,
                0,
                because,
                leafRootKeyId,
                oldestConnectionRootKeyId,
                usage);
    }

    /** The same, with another epoch loaded. */
    public Verifier withEpoch(long loaded) {
        return new Verifier(
                name,
                instance,
                where,
                namespace,
                labels,
                connected,
                lastSeen,
                until,
                loaded,
                problem,
                leafRootKeyId,
                oldestConnectionRootKeyId,
                usage);
    }

    /** The same, with a certificate that may end later. */
    public Verifier until(Instant later) {
        return new Verifier(
                name,
                instance,
                where,
                namespace,
                labels,
                connected,
                lastSeen,
                later,
                epoch,
                problem,
                leafRootKeyId,
                oldestConnectionRootKeyId,
                usage);
    }

    /** The same, without a stream. */
    public Verifier disconnected(Instant at) {
        return new Verifier(
                name,
                instance,
                where,
                namespace,
                labels,
                false,
                at,
                until,
                epoch,
                problem,
                leafRootKeyId,
                oldestConnectionRootKeyId,
                usage);
    }

    /**
     * Which roots were needed.
     *
     * @param since nothing is known of what was before
     * @param uses one for each root
     * @param lastUntrusted when a peer led to no root of the bundle, last
     */
    public record Usage(Instant since, List<Use> uses, Optional<Instant> lastUntrusted) {
        public Usage {
            uses = List.copyOf(uses);
        }

        /** Whether a handshake needed this root after {@code moment}. */
        boolean neededAfter(Instant moment, String rootKeyId) {
            return uses.stream()
                    .filter(use -> use.rootKeyId().equals(rootKeyId))
                    .anyMatch(use -> use.last().filter(last -> last.isAfter(moment)).isPresent());
        }

        boolean holdsOpen(String rootKeyId) {
            return uses.stream()
                    .anyMatch(
                            use -> use.rootKeyId().equals(rootKeyId) && use.openConnections() > 0);
        }

        boolean metUntrustedAfter(Instant moment) {
            return lastUntrusted.filter(last -> last.isAfter(moment)).isPresent();
        }
    }

    /**
     * One root.
     *
     * @param last handshake that needed it
     * @param openConnections whose peers led to it
     */
    public record Use(String rootKeyId, Optional<Instant> last, long openConnections) {}
}
