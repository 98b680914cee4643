package dev.countersign.feed;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.trust.SignedTrustBundle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
        SubscriberRecord subscriber) {
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
    }

    /** {@code group/namespace/name}: what a delta calls a policy. */
    public static String keyOf(AuthorizationPolicy policy) {
        return policy.group().group() + "/" + policy.id();
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
                changed(subscriber, next.subscriber));
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
                delta.subscriber().orElse(subscriber));
    }

    private static <T> Optional<T> changed(T before, T after) {
        return before.equals(after) ? Optional.empty() : Optional.of(after);
    }
}
