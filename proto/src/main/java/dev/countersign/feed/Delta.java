package dev.countersign.feed;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.trust.SignedTrustBundle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What changed between two revisions of one subscriber's {@link Snapshot}. An absent value did not
 * change.
 *
 * @param baseRevision the only revision this applies to
 * @param revision greater than {@code baseRevision}
 * @param upsertedPolicies new or changed
 * @param removedPolicies by {@link Snapshot#keyOf}
 * @param upsertedDeny new or changed
 * @param removedDeny by id
 * @param upsertedDirectory new or changed
 * @param removedDirectory by name
 */
public record Delta(
        TrustDomain trustDomain,
        SpiffeId subject,
        long baseRevision,
        long revision,
        Instant issuedAt,
        List<AuthorizationPolicy> upsertedPolicies,
        List<String> removedPolicies,
        Optional<SignedTrustBundle> bundle,
        List<DenyEntry> upsertedDeny,
        List<String> removedDeny,
        List<DirectoryEntry> upsertedDirectory,
        List<String> removedDirectory,
        Optional<AgentSettings> settings,
        Optional<SubscriberRecord> subscriber,
        Changes<PeerAuthentication> peerAuthentications,
        Changes<RequestAuthentication> requestAuthentications,
        Changes<KeySet> keySets,
        Changes<FederatedBundle> federated) {
    public Delta {
        if (baseRevision < 1 || revision <= baseRevision) {
            throw new IllegalArgumentException(
                    "revision: "
                            + revision
                            + " on "
                            + baseRevision
                            + " (expected: a later one on one of at least 1)");
        }
        if (!subject.trustDomain().equals(trustDomain)) {
            throw new IllegalArgumentException(
                    "subject: " + subject + " (expected: of " + trustDomain + ")");
        }
        upsertedPolicies = Keyed.sorted("policies", upsertedPolicies, Snapshot::keyOf);
        removedPolicies = List.copyOf(removedPolicies);
        upsertedDeny = Keyed.sorted("deny", upsertedDeny, DenyEntry::id);
        removedDeny = List.copyOf(removedDeny);
        upsertedDirectory = Keyed.sorted("directory", upsertedDirectory, DirectoryEntry::name);
        removedDirectory = List.copyOf(removedDirectory);
        peerAuthentications = peerAuthentications.sorted("peer authentications", Snapshot::keyOf);
        requestAuthentications =
                requestAuthentications.sorted("request authentications", Snapshot::keyOf);
        keySets = keySets.sorted("key sets", KeySet::address);
        federated = federated.sorted("federated bundles", FederatedBundle::key);
    }

    /**
     * What changed in one list.
     *
     * @param upserted new or changed
     * @param removed by key
     */
    public record Changes<T>(List<T> upserted, List<String> removed) {
        public Changes {
            upserted = List.copyOf(upserted);
            removed = List.copyOf(removed);
        }

        private Changes<T> sorted(String what, Function<T, String> key) {
            return new Changes<>(Keyed.sorted(what, upserted, key), removed);
        }
    }
}
