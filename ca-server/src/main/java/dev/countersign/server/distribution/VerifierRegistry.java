package dev.countersign.server.distribution;

import dev.countersign.feed.Acknowledgement;
import dev.countersign.feed.AgentStatus;
import dev.countersign.feed.RootUsage;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.authority.Verifiers;
import dev.countersign.server.authority.rotation.Verifier;
import dev.countersign.server.x509.KeyIds;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agents have loaded, by the streams of this process and by what others put on record. Who says
 * so is known by the stream's certificate, and counts for that pod and process alone; a process that
 * is gone counts until its certificate ends, and so does a pod that has one and never opened a stream.
 *
 * <p>The wiring calls {@link #refresh} about once a second.
 */
public final class VerifierRegistry implements Verifiers {
    private static final Logger LOG = LoggerFactory.getLogger(VerifierRegistry.class);

    /** What changes all the time is written so often only. */
    private static final Duration DETAILS = Duration.ofSeconds(60);

    /** Room for clocks that are apart. */
    private static final Duration KEPT = Duration.ofHours(1);

    private final SubscriptionHub hub;
    private final VerifierRecords records;
    private final BundlePublisher bundles;
    private final Duration longestLife;
    private final InstantSource clock;

    /** Processes that have a stream here, as last written. */
    private final Map<VerifierRecords.Key, VerifierRecords.Row> written = new HashMap<>();

    private final Map<VerifierRecords.Key, Instant> writtenAt = new HashMap<>();

    /**
     * @param longestLife of a certificate: an agent may have renewed just before it was last seen
     */
    public VerifierRegistry(
            SubscriptionHub hub,
            VerifierRecords records,
            BundlePublisher bundles,
            Duration longestLife,
            InstantSource clock) {
        this.hub = hub;
        this.records = records;
        this.bundles = bundles;
        this.longestLife = longestLife;
        this.clock = clock;
    }

    @Override
    public List<Verifier> verifiers() {
        Map<VerifierRecords.Key, VerifierRecords.Row> all = new LinkedHashMap<>();
        Instant since = clock.instant().minus(KEPT).minus(longestLife);
        records.all(since).forEach(row -> all.put(row.key(), row));
        Map<VerifierRecords.Key, VerifierRecords.Row> here = connected();
        here.forEach((key, row) -> all.put(key, later(row, all.get(key))));
        List<Verifier> found = new ArrayList<>();
        all.values().stream()
                .map(VerifierRecords.Row::verifier)
                .map(this::mayComeBack)
                .forEach(found::add);
        found.addAll(silent(here.keySet()));
        return found;
    }

    /** Who has a stream here is heard of, though that may not be on record yet. */
    private List<Verifier> silent(Set<VerifierRecords.Key> here) {
        Set<String> heard = here.stream().map(VerifierRecords.Key::pod).collect(Collectors.toSet());
        return records.silent(clock.instant().minus(KEPT)).stream()
                .filter(row -> !heard.contains(row.pod()))
                .map(VerifierRecords.Row::verifier)
                .toList();
    }

    /** Its newest certificate may be younger than what is on record of it. */
    private Verifier mayComeBack(Verifier verifier) {
        Instant latest = verifier.lastSeen().plus(longestLife);
        return verifier.connected() || !latest.isAfter(verifier.until())
                ? verifier
                : verifier.until(latest);
    }

    /** Puts on record what changed since the last time. */
    public synchronized void refresh() {
        Instant now = clock.instant();
        Map<VerifierRecords.Key, VerifierRecords.Row> present = connected();
        List<VerifierRecords.Row> changed = new ArrayList<>();
        present.forEach((key, row) -> {
            VerifierRecords.Row before = written.get(key);
            boolean stale = !now.isBefore(writtenAt.getOrDefault(key, Instant.EPOCH).plus(DETAILS));
            if (before == null || stale || !same(before.verifier(), row.verifier())) {
                changed.add(row);
            }
        });
        Set<VerifierRecords.Key> goodbyes = new HashSet<>(hub.goodbyes());
        for (Map.Entry<VerifierRecords.Key, VerifierRecords.Row> one : written.entrySet()) {
            if (!present.containsKey(one.getKey()) && !goodbyes.contains(one.getKey())) {
                changed.add(gone(one.getValue(), now));
            }
        }
        try {
            records.save(changed);
            records.forget(List.copyOf(goodbyes), now);
        } catch (RecordsUnavailable unavailable) {
            LOG.atWarn()
                    .addKeyValue("agents", changed.size())
                    .addKeyValue("reason", unavailable.getMessage())
                    .log("what agents have loaded is not on record, trying again");
            return;
        }
        written.keySet().retainAll(present.keySet());
        writtenAt.keySet().retainAll(present.keySet());
        changed.stream()
                .filter(row -> row.verifier().connected())
                .forEach(row -> {
                    written.put(row.key(), row);
                    writtenAt.put(row.key(), now);
                });
    }

    private Map<VerifierRecords.Key, VerifierRecords.Row> connected() {
        Map<VerifierRecords.Key, VerifierRecords.Row> rows = new HashMap<>();
        Newest newest =
                new Newest(
                        bundles.bundle().epoch(), KeyIds.sha256(bundles.signedBundle().payload()));
        for (Subscriber.View view : hub.views()) {
            VerifierRecords.Row row = row(view, newest);
            rows.merge(row.key(), row, VerifierRegistry::later);
        }
        return rows;
    }

    /** Two streams of one process, or a stream and its record: what was loaded stays loaded. */
    private static VerifierRecords.Row later(
            VerifierRecords.Row row, VerifierRecords.@Nullable Row other) {
        return other != null && other.verifier().epoch() > row.verifier().epoch()
                ? new VerifierRecords.Row(
                        row.pod(), row.verifier().withEpoch(other.verifier().epoch()))
                : row;
    }

    /** Of the bundles; the hash is lower-case hex SHA-256 of its payload. */
    private record Newest(long epoch, String hash) {
        /** An epoch with another content than ours was not made by us. */
        long loadedBy(Acknowledgement news) {
            boolean other =
                    news.bundleEpoch() == epoch
                            && !news.bundleHash().isEmpty()
                            && !news.bundleHash().equals(hash);
            return other ? 0 : news.bundleEpoch();
        }
    }

    private VerifierRecords.Row row(Subscriber.View view, Newest newest) {
        Optional<Acknowledgement> news = view.acknowledgement();
        String pod =
                view.record().podName().isEmpty()
                        ? view.record().account().name() + " " + view.instanceId()
                        : view.record().podName();
        return new VerifierRecords.Row(
                view.podKey(),
                new Verifier(
                        view.record().account().namespace() + "/" + pod,
                        view.instanceId(),
                        view.address().getHostAddress(),
                        view.record().account().namespace(),
                        view.record().labels(),
                        true,
                        clock.instant(),
                        view.peer().notAfter(),
                        news.map(newest::loadedBy).orElse(0L),
                        news.map(Acknowledgement::refusal).orElse(""),
                        news.map(Acknowledgement::leafRootKeyId)
                                .filter(id -> !id.isEmpty())
                                .orElse(view.peer().rootKeyId()),
                        news.map(Acknowledgement::oldestConnectionRootKeyId).orElse(""),
                        view.status()
                                .flatMap(AgentStatus::rootUsage)
                                .map(VerifierRegistry::usage)));
    }

    private static Verifier.Usage usage(RootUsage usage) {
        return new Verifier.Usage(
                usage.since(),
                usage.uses().stream()
                        .map(use ->
                                new Verifier.Use(
                                        use.rootKeyId(), use.last(), use.openConnections()))
                        .toList(),
                usage.lastUntrusted());
    }

    private static VerifierRecords.Row gone(VerifierRecords.Row row, Instant now) {
        return new VerifierRecords.Row(row.pod(), row.verifier().disconnected(now));
    }

    private static boolean same(Verifier a, Verifier b) {
        return a.epoch() == b.epoch()
                && a.until().equals(b.until())
                && a.problem().equals(b.problem())
                && a.leafRootKeyId().equals(b.leafRootKeyId())
                && a.oldestConnectionRootKeyId().equals(b.oldestConnectionRootKeyId())
                && a.usage().isPresent() == b.usage().isPresent();
    }
}
