package dev.countersign.feed;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.testing.Cases;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SignedTrustBundle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Snapshots from a seed. Few keys, so that two of them overlap. */
public final class FeedCases {
    private static final List<TestAuthority> OTHERS =
            List.of(
                    TestAuthority.create("partner.example", MutableClock.create(), 21),
                    TestAuthority.create("other.example", MutableClock.create(), 22));

    private static final MutableClock CLOCK = MutableClock.create();
    public static final TestAuthority AUTHORITY = TestAuthority.create("test.example", CLOCK, 1);
    public static final TrustDomain TRUST_DOMAIN = AUTHORITY.trustDomain();
    public static final SpiffeId WEB = new SpiffeId(TRUST_DOMAIN, "/ns/shop/sa/web");
    public static final Instant NOW = MutableClock.START;
    public static final MeshSettings MESH =
            MeshSettings.countersign("countersign", TRUST_DOMAIN.name());

    private static final List<SignedTrustBundle> BUNDLES =
            List.of(
                    AUTHORITY.signedBundle(),
                    TestAuthority.sign(
                            AUTHORITY.bundle(2, AUTHORITY.root()), AUTHORITY.bundleSigner()));
    private static final int KEYS = 6;

    private final Cases cases;

    public FeedCases(long seed) {
        this.cases = new Cases(seed);
    }

    /** Little, and always the same. */
    public static Snapshot small(long revision) {
        return new Snapshot(
                TRUST_DOMAIN,
                WEB,
                revision,
                NOW,
                List.of(policy("callers", Action.ALLOW)),
                BUNDLES.getFirst(),
                List.of(),
                List.of(),
                settings(Optional.empty()),
                subscriber(Map.of("app", "web")));
    }

    public static AuthorizationPolicy policy(String name, Action action) {
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                "shop",
                name,
                action,
                PolicyMode.ENFORCE,
                Map.of(),
                List.of(),
                null,
                List.of(),
                null);
    }

    /** Anything. */
    public Snapshot snapshot(long revision) {
        return new Snapshot(
                TRUST_DOMAIN,
                WEB,
                revision,
                NOW.plusSeconds(revision),
                some(i -> policy("p" + i, cases.chance(2) ? Action.ALLOW : Action.DENY)),
                cases.oneOf(BUNDLES),
                some(i -> new DenyEntry("d" + i, target(i), expiry(), cases.label())),
                some(this::directoryEntry),
                settings(cases.chance(2) ? Optional.empty() : Optional.of(Duration.ofHours(1))),
                subscriber(cases.chance(2) ? Map.of() : Map.of("app", cases.label())),
                some(this::peerAuthentication),
                some(this::requestAuthentication),
                some(this::keySet),
                OTHERS.stream().filter(one -> cases.chance(2)).map(this::federated).toList());
    }

    private FederatedBundle federated(TestAuthority other) {
        return new FederatedBundle(
                other.trustDomain(), List.of(other.root().certificate()), cases.chance(2) ? 0 : 7);
    }

    private PeerAuthentication peerAuthentication(int i) {
        return new PeerAuthentication(
                ApiGroup.ISTIO,
                "shop",
                "peer" + i,
                cases.chance(2) ? Map.of() : Map.of("app", cases.label()),
                cases.oneOf(List.of(MtlsMode.values())),
                cases.chance(2) ? Map.of() : Map.of(8080 + i, MtlsMode.DISABLE));
    }

    private RequestAuthentication requestAuthentication(int i) {
        return new RequestAuthentication(
                ApiGroup.COUNTERSIGN,
                "shop",
                "tokens" + i,
                Map.of(),
                List.of(),
                some(n -> cases.chance(2) ? JwtRule.ofKeys("https://i" + n, "{}") : fullRule(n)));
    }

    private JwtRule fullRule(int n) {
        return new JwtRule(
                "https://i" + n,
                List.of(cases.label()),
                null,
                "https://i" + n + "/keys",
                List.of(new JwtRule.TokenHeader("x-token", "Bearer ")),
                List.of("token"),
                List.of("session"),
                "x-payload",
                List.of(new JwtRule.ClaimHeader("x-sub", "sub")),
                cases.chance(2),
                cases.chance(2) ? null : Duration.ofSeconds(3),
                List.of("groups"));
    }

    private KeySet keySet(int i) {
        return cases.chance(2)
                ? new KeySet("https://i" + i + "/keys", "", Optional.empty(), cases.label())
                : new KeySet("https://i" + i + "/keys", "{\"keys\":[]}", Optional.of(NOW), "");
    }

    private DenyEntry.Target target(int kind) {
        return switch (kind % 4) {
            case 0 -> new DenyEntry.Identity(new SpiffeId(TRUST_DOMAIN, cases.path()));
            case 1 -> new DenyEntry.Pod(cases.label());
            case 2 -> new DenyEntry.Certificate("ab" + kind, "1f" + kind);
            default -> new DenyEntry.Issuer("ab" + kind);
        };
    }

    private Optional<Instant> expiry() {
        return cases.chance(2) ? Optional.empty() : Optional.of(NOW.plusNanos(cases.between(1, 9)));
    }

    private DirectoryEntry directoryEntry(int i) {
        return new DirectoryEntry(
                "host" + i + ":80",
                some(n -> SocketText.parse("10.96.0." + n + ":80")),
                cases.oneOf(List.of(DirectoryEntry.Protocol.values())),
                some(this::endpoint));
    }

    private DirectoryEntry.Endpoint endpoint(int i) {
        return new DirectoryEntry.Endpoint(
                SocketText.parse(
                        cases.chance(2) ? "10.0.0." + i + ":8080" : "[2001:db8::" + i + "]:8080"),
                cases.chance(2) ? Optional.empty() : Optional.of(WEB),
                cases.chance(2));
    }

    private <T> List<T> some(Function<Integer, T> make) {
        List<T> all = new ArrayList<>();
        IntStream.range(0, KEYS).filter(i -> cases.chance(2)).forEach(i -> all.add(make.apply(i)));
        return all;
    }

    private static AgentSettings settings(Optional<Duration> maxStale) {
        return new AgentSettings(MESH, OnPeerCertificateExpiry.KEEP, maxStale);
    }

    private static SubscriberRecord subscriber(Map<String, String> labels) {
        return new SubscriberRecord(new ServiceAccountName("shop", "web"), "web-0", "uid", labels);
    }
}
