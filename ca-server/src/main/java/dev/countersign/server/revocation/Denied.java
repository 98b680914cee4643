package dev.countersign.server.revocation;

import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.DenyTable;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.revocation.IssuanceBlocks.Block;
import dev.countersign.server.revocation.IssuanceBlocks.BlockReason;
import dev.countersign.trust.VerifiedPeer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One version of what is denied, indexed. Immutable; time is asked on every question. */
final class Denied {
    private final long version;
    private final List<Standing> standings;
    private final List<DenyEntry> entries;
    private final Map<DenyEntry.Target, Revocation> byTarget = new HashMap<>();
    private final Map<String, List<DenyEntry>> byRevocation = new HashMap<>();
    private final DenyTable table;
    private final InstantSource clock;

    Denied(RevocationRecords.Loaded loaded, InstantSource clock) {
        this.version = loaded.version();
        this.clock = clock;
        Instant now = clock.instant();
        List<Standing> all = new ArrayList<>();
        List<DenyEntry> told = new ArrayList<>();
        for (Revocation revocation : loaded.revocations()) {
            List<DenyEntry> unexpired =
                    loaded.entries().getOrDefault(revocation.id(), List.of()).stream()
                            .filter(entry -> isInForce(entry, now))
                            .toList();
            byTarget.put(revocation.target(), revocation);
            byRevocation.put(revocation.id(), unexpired);
            all.add(new Standing(revocation, unexpired.size(), lastEnd(unexpired)));
            told.addAll(unexpired);
        }
        all.sort(Comparator.comparing(standing -> standing.revocation().at()));
        standings = List.copyOf(all);
        entries = List.copyOf(told);
        table = new DenyTable(entries, clock);
    }

    long version() {
        return version;
    }

    /** Oldest first. */
    List<Standing> standings() {
        return standings;
    }

    List<DenyEntry> entriesOf(String id) {
        return byRevocation.getOrDefault(id, List.of());
    }

    List<DenyEntry> entries() {
        return entries;
    }

    Optional<Revocation> of(DenyEntry.Target target) {
        return Optional.ofNullable(byTarget.get(target));
    }

    /** Pods that were revoked after this. */
    List<Revocation> podsSince(Instant moment) {
        return standings.stream()
                .map(Standing::revocation)
                .filter(revocation -> revocation.target() instanceof DenyEntry.Pod)
                .filter(revocation -> revocation.at().isAfter(moment))
                .toList();
    }

    Optional<String> denies(VerifiedPeer peer) {
        return table.denies(peer);
    }

    Optional<Block> blocked(SpiffeId id, String podUid, Optional<VerifiedPeer> peer) {
        Optional<Block> byName =
                blocked(
                        new DenyEntry.Identity(id),
                        BlockReason.IDENTITY_REVOKED,
                        "identity: " + id);
        if (byName.isEmpty() && !podUid.isEmpty()) {
            byName = blocked(new DenyEntry.Pod(podUid), BlockReason.POD_REVOKED, "pod: " + podUid);
        }
        return byName.or(() -> peer.flatMap(this::byCertificate));
    }

    /** The token alone still does: with a new key. */
    private Optional<Block> byCertificate(VerifiedPeer peer) {
        return table.denies(peer)
                .map(why -> {
                    boolean issuer = byTarget.containsKey(new DenyEntry.Issuer(peer.issuerKeyId()));
                    return new Block(
                            issuer ? BlockReason.ISSUER_REVOKED : BlockReason.CERTIFICATE_REVOKED,
                            "certificate: serial "
                                    + peer.serial()
                                    + " is denied (expected: to come with a token and without it)");
                });
    }

    private Optional<Block> blocked(DenyEntry.Target target, BlockReason reason, String what) {
        return of(target)
                .filter(revocation -> !revocation.isOver(clock.instant()))
                .map(revocation ->
                        new Block(
                                reason,
                                what
                                        + " is revoked ("
                                        + revocation.id()
                                        + ", expected: not before "
                                        + revocation
                                                .until()
                                                .map(Instant::toString)
                                                .orElse("it is taken back")
                                        + ")"));
    }

    private static boolean isInForce(DenyEntry entry, Instant now) {
        return entry.expires().isEmpty() || now.isBefore(entry.expires().get());
    }

    private static Optional<Instant> lastEnd(List<DenyEntry> entries) {
        boolean endless = entries.stream().anyMatch(entry -> entry.expires().isEmpty());
        return endless
                ? Optional.empty()
                : entries.stream()
                        .flatMap(entry -> entry.expires().stream())
                        .max(Comparator.naturalOrder());
    }
}
