package dev.countersign.server.distribution;

import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.FederatedBundle;
import dev.countersign.feed.Snapshot;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.tokenkeys.FetchedKeys;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Cuts out of everything what one subscriber may see: policies of the root namespace and of its own
 * that select it, and the directory entries it may dial.
 */
public final class SnapshotMaker {
    private final PolicyFeed policies;
    private final BundlePublisher bundles;
    private final Supplier<AgentSettings> settings;
    private final ServiceDirectory directory;
    private final FetchedKeys keys;
    private final Supplier<List<DenyEntry>> denied;
    private final Supplier<List<FederatedBundle>> federated;
    private final InstantSource clock;

    /**
     * @param settings how agents behave, as of now
     * @param denied who is refused although signed and unexpired, as of now
     * @param federated whom to believe of other trust domains, as of now
     */
    public SnapshotMaker(
            PolicyFeed policies,
            BundlePublisher bundles,
            Supplier<AgentSettings> settings,
            ServiceDirectory directory,
            FetchedKeys keys,
            Supplier<List<DenyEntry>> denied,
            Supplier<List<FederatedBundle>> federated,
            InstantSource clock) {
        this.federated = federated;
        this.policies = policies;
        this.bundles = bundles;
        this.settings = settings;
        this.directory = directory;
        this.keys = keys;
        this.denied = denied;
        this.clock = clock;
    }

    /** Whether there is nothing to tell yet. */
    boolean awaited() {
        return policies.awaited();
    }

    PolicyFeed.State state() {
        return policies.state();
    }

    /** {@code atLeast}: above what this agent has seen, perhaps from a server whose clock is ahead. */
    Snapshot make(PolicyFeed.State state, SpiffeId subject, SubscriberRecord record, long atLeast) {
        Workload workload = workload(record);
        return new Snapshot(
                subject.trustDomain(),
                subject,
                Math.max(state.revision(), atLeast),
                clock.instant(),
                state.set().applicableTo(workload),
                bundles.signedBundle(),
                denied.get(),
                directoryFor(record),
                settings.get(),
                record,
                state.peers().applicableTo(workload),
                state.requests().applicableTo(workload),
                keys.of(keyAddresses(state, workload)),
                federated.get());
    }

    private List<DirectoryEntry> directoryFor(SubscriberRecord record) {
        return directory.services().stream()
                .filter(service -> service.isFor(record.account().namespace()))
                .map(ExportedService::entry)
                .toList();
    }

    /**
     * An agent met tokens whose keys it does not have: the server looks again, at addresses that
     * this subscriber's own policies name.
     */
    public void wishKeys(SubscriberRecord record, Collection<String> addresses) {
        List<String> own = keyAddresses(state(), workload(record));
        addresses.stream().filter(own::contains).forEach(keys::wish);
    }

    private static List<String> keyAddresses(PolicyFeed.State state, Workload workload) {
        return state.requests().rulesFor(workload).stream()
                .map(JwtRule::jwksUri)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private static Workload workload(SubscriberRecord record) {
        return new Workload(record.account().namespace(), record.account().name(), record.labels());
    }
}
