package dev.countersign.agent.testing;

import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.Delta;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.FederatedBundle;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.feed.Snapshot;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.wire.FeedCodec;
import dev.countersign.wire.v1.SubscribeResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes what a server would push to one workload. */
public final class TestSnapshots {
    private final TestAuthority authority;
    private final InstantSource clock;
    private final SpiffeId subject;
    private SignedTrustBundle bundle;
    private List<DenyEntry> deny = List.of();
    private List<FederatedBundle> federated = List.of();
    private List<AuthorizationPolicy> trial = List.of();
    private Optional<Duration> maxStale = Optional.empty();
    private OnPeerCertificateExpiry onExpiry = OnPeerCertificateExpiry.KEEP;

    public TestSnapshots(TestAuthority authority, InstantSource clock, SpiffeId subject) {
        this.authority = authority;
        this.clock = clock;
        this.subject = subject;
        this.bundle = TestBundles.sign(authority.bundle(), authority.bundleSigner());
    }

    public TestSnapshots bundle(SignedTrustBundle next) {
        bundle = next;
        return this;
    }

    public TestSnapshots deny(DenyEntry... entries) {
        deny = List.of(entries);
        return this;
    }

    public TestSnapshots maxStale(Duration age) {
        maxStale = Optional.of(age);
        return this;
    }

    public TestSnapshots onPeerCertificateExpiry(OnPeerCertificateExpiry action) {
        onExpiry = action;
        return this;
    }

    /** With a policy in DryRun, named {@code shop/trial}, that would deny these principals. */
    public TestSnapshots trial(String... principals) {
        trial =
                List.of(
                        policy(
                                "trial",
                                Action.DENY,
                                PolicyMode.DRY_RUN,
                                Source.ofPrincipals(List.of(principals))));
        return this;
    }

    /** Without one. */
    public TestSnapshots noTrial() {
        trial = List.of();
        return this;
    }

    /** One ALLOW policy, named {@code shop/callers}, for these principals. */
    public Snapshot snapshot(long revision, String... principals) {
        List<AuthorizationPolicy> policies = new ArrayList<>(trial);
        policies.add(
                policy(
                        "callers",
                        Action.ALLOW,
                        PolicyMode.ENFORCE,
                        Source.ofPrincipals(List.of(principals))));
        return new Snapshot(
                authority.trustDomain(),
                subject,
                revision,
                clock.instant(),
                policies,
                bundle,
                deny,
                List.of(),
                new AgentSettings(
                        MeshSettings.countersign("countersign", authority.trustDomain().name()),
                        onExpiry,
                        maxStale),
                new SubscriberRecord(
                        subject.serviceAccount().orElseThrow(), "pod-0", "uid-0", Map.of()),
                List.of(),
                List.of(),
                List.of(),
                federated);
    }

    /** From now on snapshots let workloads of these other trust domains be believed. */
    public TestSnapshots federated(FederatedBundle... bundles) {
        federated = List.of(bundles);
        return this;
    }

    private static AuthorizationPolicy policy(
            String name, Action action, PolicyMode mode, Source from) {
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                "shop",
                name,
                action,
                mode,
                Map.of(),
                List.of(),
                null,
                List.of(new Rule(List.of(from), List.of(), List.of(), null)),
                null);
    }

    public SubscribeResponse message(Snapshot snapshot) {
        byte[] payload = FeedCodec.encode(snapshot);
        return SubscribeResponse.newBuilder()
                .setRevision(snapshot.revision())
                .setServerTime(TestBundles.timestamp(clock.instant()))
                .setSnapshot(
                        FeedCodec.signedSnapshot(
                                payload,
                                SigningKeys.idOf(authority.bundleSigner().getPublic()),
                                TestBundles.sign(
                                        SigningContext.SNAPSHOT,
                                        payload,
                                        authority.bundleSigner())))
                .build();
    }

    public SubscribeResponse message(Delta delta) {
        byte[] payload = FeedCodec.encode(delta);
        return SubscribeResponse.newBuilder()
                .setRevision(delta.revision())
                .setDelta(
                        FeedCodec.signedDelta(
                                payload,
                                SigningKeys.idOf(authority.bundleSigner().getPublic()),
                                TestBundles.sign(
                                        SigningContext.DELTA, payload, authority.bundleSigner())))
                .build();
    }
}
