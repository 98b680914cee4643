package dev.countersign.feed;

import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.VerifiedPeer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deny entries, indexed for one look-up a kind. Immutable; expiry is looked at on every question. */
public final class DenyTable implements DenyList {
    private final Map<SpiffeId, List<DenyEntry>> identities = new HashMap<>();
    private final Map<DenyEntry.Certificate, List<DenyEntry>> certificates = new HashMap<>();
    private final Map<String, List<DenyEntry>> issuers = new HashMap<>();
    private final List<String> inapplicable = new ArrayList<>();
    private final InstantSource clock;

    public DenyTable(List<DenyEntry> entries, InstantSource clock) {
        this.clock = clock;
        entries.forEach(this::add);
    }

    @Override
    public Optional<String> denies(VerifiedPeer peer) {
        if (identities.isEmpty() && certificates.isEmpty() && issuers.isEmpty()) {
            return Optional.empty();
        }
        return inForce(identities.get(peer.id()))
                .or(() -> inForce(issuers.get(peer.issuerKeyId())))
                .or(() -> certificate(peer))
                .map(entry -> entry.id() + ": " + entry.reason());
    }

    /**
     * Ids of entries that this agent cannot apply: a pod's UID is in no certificate, and the server
     * expands pods to certificates before it sends them.
     */
    public List<String> inapplicable() {
        return List.copyOf(inapplicable);
    }

    private void add(DenyEntry entry) {
        switch (entry.target()) {
            case DenyEntry.Identity identity -> put(identities, identity.id(), entry);
            case DenyEntry.Certificate certificate -> put(certificates, certificate, entry);
            case DenyEntry.Issuer issuer -> put(issuers, issuer.keyId(), entry);
            case DenyEntry.Pod pod -> inapplicable.add(entry.id() + " (pod " + pod.uid() + ")");
        }
    }

    private Optional<DenyEntry> certificate(VerifiedPeer peer) {
        if (certificates.isEmpty() || peer.issuerKeyId().isEmpty()) {
            return Optional.empty();
        }
        return inForce(
                certificates.get(new DenyEntry.Certificate(peer.issuerKeyId(), peer.serial())));
    }

    private Optional<DenyEntry> inForce(@Nullable List<DenyEntry> entries) {
        return entries == null
                ? Optional.empty()
                : entries.stream()
                        .filter(entry ->
                                entry.expires().isEmpty()
                                        || clock.instant().isBefore(entry.expires().get()))
                        .findFirst();
    }

    private static <K> void put(Map<K, List<DenyEntry>> map, K key, DenyEntry entry) {
        map.computeIfAbsent(key, any -> new ArrayList<>()).add(entry);
    }
}
