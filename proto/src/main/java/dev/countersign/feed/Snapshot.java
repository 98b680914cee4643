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
 * Everything one subscriber must know at one revision.
 *
 * @param trustDomain that of {@code subject}
 * @param subject whom this was made for
 * @param revision at least 1; rises with every change
 * @param issuedAt the server's clock
 * @param policies those that select the subscriber; in the order of {@link #keyOf}
 * @param bundle not yet believed: {@code BundleKeeper.offer} does that
 * @param deny who is refused although signed and unexpired; in the order of their ids
 * @param directory what the subscriber may dial; in the order of names
 * @param subscriber what the server recorded of the subscriber: labels select policies
 * @param peerAuthentications those that have a say for the subscriber; in the order of their keys
 * @param requestAuthentications those that select the subscriber; in the order of their keys
 * @param keySets for every {@code jwksUri} of these; in the order of addresses
 * @param federated whom to believe of other trust domains; in the order of their names
 */
public record Snapshot(
        TrustDomain trustDomain,
        SpiffeId subject,
        long revision,
        Instant issuedAt,
        List<AuthorizationPolicy> policies,
        SignedTrustBundle bundle,
        List<DenyEntry> deny,
        List<DirectoryEntry> directory,
        AgentSettings settings,
        SubscriberRecord subscriber,
        List<PeerAuthentication> peerAuthentications,
        List<RequestAuthentication> requestAuthentications,
        List<KeySet> keySets,
        List<FederatedBundle> federated) {
    public Snapshot {
        if (revision < 1) {
            throw new IllegalArgumentException("revision: " + revision + " (expected: >= 1)");
        }
        if (!subject.trustDomain().equals(trustDomain)) {
            throw new IllegalArgumentException(
                    "subject: " + subject + " (expected: of " + trustDomain + ")");
        }
        policies = Keyed.sorted("policies", policies, Snapshot::keyOf);
        deny = Keyed.sorted("deny", deny, DenyEntry::id);
        directory = Keyed.sorted("directory", directory, DirectoryEntry::name);
        peerAuthentications =
                Keyed.sorted("peer authentications", peerAuthentications, Snapshot::keyOf);
        requestAuthentications =
                Keyed.sorted("request authentications", requestAuthentications, Snapshot::keyOf);
        keySets = Keyed.sorted("key sets", keySets, KeySet::address);
        federated = Keyed.sorted("federated bundles", federated, FederatedBundle::key);
        if (federated.stream().anyMatch(one -> one.trustDomain().equals(trustDomain))) {
            throw new IllegalArgumentException(
                    "federated bundles: one of " + trustDomain + " (expected: of others only)");
        }
    }

    /** Nothing said about mutual TLS and tokens. */
    public Snapshot(
            TrustDomain trustDomain,
            SpiffeId subject,
            long revision,
            Instant issuedAt,
            List<AuthorizationPolicy> policies,
            SignedTrustBundle bundle,
            List<DenyEntry> deny,
            List<DirectoryEntry> directory,
            AgentSettings settings,
            SubscriberRecord subscriber) {
        this(
                trustDomain,
                subject,
                revision,
                issuedAt,
                policies,
                bundle,
                deny,
                directory,
                settings,
                subscriber,
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /** {@code group/namespace/name}: what a delta calls a policy. */
    public static String keyOf(AuthorizationPolicy policy) {
        return policy.group().group() + "/" + policy.id();
    }

    /** {@code group/namespace/name}: what a delta calls it. */
    public static String keyOf(PeerAuthentication one) {
        return one.group().group() + "/" + one.id();
    }

    /** {@code group/namespace/name}: what a delta calls it. */
    public static String keyOf(RequestAuthentication one) {
        return one.group().group() + "/" + one.id();
    }

    /**
     * What leads from this snapshot to a later one.
     *
     * @throws IllegalArgumentException when {@code next} is another subject's or not later
     */
    public Delta deltaTo(Snapshot next) {
        if (!next.subject.equals(subject)) {
            throw new IllegalArgumentException(
                    "subject: " + next.subject + " (expected: " + subject + ")");
        }
        return new Delta(
                trustDomain,
                subject,
                revision,
                next.revision,
                next.issuedAt,
                Keyed.upserted(policies, next.policies, Snapshot::keyOf),
                Keyed.removed(policies, next.policies, Snapshot::keyOf),
                changed(bundle, next.bundle),
                Keyed.upserted(deny, next.deny, DenyEntry::id),
                Keyed.removed(deny, next.deny, DenyEntry::id),
                Keyed.upserted(directory, next.directory, DirectoryEntry::name),
                Keyed.removed(directory, next.directory, DirectoryEntry::name),
                changed(settings, next.settings),
                changed(subscriber, next.subscriber),
                change(peerAuthentications, next.peerAuthentications, Snapshot::keyOf),
                change(requestAuthentications, next.requestAuthentications, Snapshot::keyOf),
                change(keySets, next.keySets, KeySet::address),
                change(federated, next.federated, FederatedBundle::key));
    }

    /**
     * The snapshot that a delta leads to.
     *
     * @throws IllegalArgumentException when the delta starts from another revision, is another
     *     subject's, or removes what is not held: ask for a snapshot then
     */
    public Snapshot apply(Delta delta) {
        if (!delta.subject().equals(subject)) {
            throw new IllegalArgumentException(
                    "subject: " + delta.subject() + " (expected: " + subject + ")");
        }
        if (delta.baseRevision() != revision) {
            throw new IllegalArgumentException(
                    "base revision: " + delta.baseRevision() + " (expected: " + revision + ")");
        }
        return new Snapshot(
                trustDomain,
                subject,
                delta.revision(),
                delta.issuedAt(),
                Keyed.applied(
                        policies,
                        delta.upsertedPolicies(),
                        delta.removedPolicies(),
                        Snapshot::keyOf),
                delta.bundle().orElse(bundle),
                Keyed.applied(deny, delta.upsertedDeny(), delta.removedDeny(), DenyEntry::id),
                Keyed.applied(
                        directory,
                        delta.upsertedDirectory(),
                        delta.removedDirectory(),
                        DirectoryEntry::name),
                delta.settings().orElse(settings),
                delta.subscriber().orElse(subscriber),
                applied(peerAuthentications, delta.peerAuthentications(), Snapshot::keyOf),
                applied(requestAuthentications, delta.requestAuthentications(), Snapshot::keyOf),
                applied(keySets, delta.keySets(), KeySet::address),
                applied(federated, delta.federated(), FederatedBundle::key));
    }

    private static <T> Optional<T> changed(T before, T after) {
        return before.equals(after) ? Optional.empty() : Optional.of(after);
    }

    private static <T> Delta.Changes<T> change(
            List<T> before, List<T> after, Function<T, String> key) {
        return new Delta.Changes<>(
                Keyed.upserted(before, after, key), Keyed.removed(before, after, key));
    }

    private static <T> List<T> applied(
            List<T> before, Delta.Changes<T> changes, Function<T, String> key) {
        return Keyed.applied(before, changes.upserted(), changes.removed(), key);
    }
}
