package dev.countersign.agent.proxy.connection;

import dev.countersign.feed.DenyEntry;
import dev.countersign.trust.VerifiedPeer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Open connections by what a deny entry can name of their peer: identity, certificate, issuer. So a
 * new entry finds those it means without asking all the others. Safe for many threads.
 */
final class PeerIndex {
    private final Map<DenyEntry.Target, Set<OpenConnection>> open = new ConcurrentHashMap<>();

    void add(OpenConnection connection) {
        connection
                .peer()
                .ifPresent(peer -> {
                    for (DenyEntry.Target name : namesOf(peer)) {
                        open.compute(
                                name,
                                (any, known) -> {
                                    Set<OpenConnection> set =
                                            known == null ? ConcurrentHashMap.newKeySet(2) : known;
                                    set.add(connection);
                                    return set;
                                });
                    }
                });
    }

    void remove(OpenConnection connection) {
        connection
                .peer()
                .ifPresent(peer -> {
                    for (DenyEntry.Target name : namesOf(peer)) {
                        open.computeIfPresent(
                                name,
                                (any, known) -> {
                                    known.remove(connection);
                                    return known.isEmpty() ? null : known;
                                });
                    }
                });
    }

    /** Those whose peer one of the targets names, each once. */
    Set<OpenConnection> named(Collection<DenyEntry.Target> targets) {
        Set<OpenConnection> found = new HashSet<>();
        targets.forEach(target -> found.addAll(open.getOrDefault(target, Set.of())));
        return found;
    }

    /** A leaf without an authority key identifier cannot be named by its issuer. */
    private static List<DenyEntry.Target> namesOf(VerifiedPeer peer) {
        DenyEntry.Target identity = new DenyEntry.Identity(peer.id());
        return peer.issuerKeyId().isEmpty()
                ? List.of(identity)
                : List.of(
                        identity,
                        new DenyEntry.Certificate(peer.issuerKeyId(), peer.serial()),
                        new DenyEntry.Issuer(peer.issuerKeyId()));
    }
}
