package dev.countersign.agent.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.subscription.Denial;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.agent.subscription.Outboxes;
import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.authentication.RequestAuthentications;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PolicyAuthorizerTest {
    private static final Operation GET =
            new Operation(
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of("GET"),
                    List.of(),
                    List.of(),
                    List.of());
    private static final Workload ORDERS = new Workload("shop", "orders", Map.of());

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final VerifiedPeer web = peer("/ns/shop/sa/web");
    private final VerifiedPeer guest = peer("/ns/shop/sa/guest");
    private Optional<PolicySource.InForce> inForce =
            Optional.of(only("example.org/ns/shop/sa/web", 1, null));
    private Optional<VerifiedPeer> denied = Optional.empty();
    private final DenialOutbox outbox = new DenialOutbox();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final EdgeTable edges = new EdgeTable(clock);
    private final PolicySource source =
            new PolicySource() {
                @Override
                public Optional<InForce> current() {
                    return inForce;
                }

                @Override
                public void onChange(Runnable listener) {}
            };
    private final PolicyAuthorizer authorizer =
            new PolicyAuthorizer(
                    source,
                    peer -> denied.filter(peer::equals).map(p -> "stolen key"),
                    new DecisionLog(outbox, edges, new SecureRandom(), clock),
                    meters);

    @Test
    void permitsWhatAPolicyAllowsAndNamesTheRule() {
        Verdict verdict = authorizer.decide(Optional.of(web), get("/orders/42", web));

        assertThat(verdict).isInstanceOf(Permit.class);
        assertThat(((Permit) verdict).decision().policy()).isEqualTo("shop/callers");
        assertThat(((Permit) verdict).decision().revision()).isEqualTo(1);
    }

    @Test
    void deniesEverybodyElseWithAnIdThatLeadsToTheReason() {
        Verdict verdict = authorizer.decide(Optional.of(guest), get("/orders/42", guest));

        assertThat(verdict).isInstanceOf(Denied.class);
        Denial denial = Outboxes.drain(outbox).getFirst();
        assertThat(denial.id()).isEqualTo(((Denied) verdict).id());
        assertThat(denial.source()).isEqualTo("spiffe://example.org/ns/shop/sa/guest");
        assertThat(denial.destination()).contains(ORDERS);
        assertThat(denial.path()).isEqualTo("/orders/42");
        assertThat(denial.explanation()).contains("shop/callers");
    }

    @Test
    void aTunnelIsDecidedByItsHostAndHasNoPath() {
        Operation toDatabase =
                new Operation(
                        List.of("db:5432"),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of("CONNECT"),
                        List.of(),
                        List.of(),
                        List.of());
        inForce = Optional.of(only("example.org/ns/shop/sa/web", 1, null, toDatabase));

        assertThat(authorizer.decide(Optional.of(web), connect("db:5432")))
                .isInstanceOf(Permit.class);
        assertThat(authorizer.decide(Optional.of(web), connect("db:5433")))
                .isInstanceOf(Denied.class);
        assertThat(authorizer.decide(Optional.of(web), get("/", web))).isInstanceOf(Denied.class);
    }

    @Test
    void deniesEverythingWithoutAPolicySource() {
        inForce = Optional.empty();

        assertThat(reason(Optional.of(web), get("/", web))).isEqualTo(Reason.NO_POLICY_SOURCE);
        assertThat(authorizer.stillAllowed(Optional.of(web), get("/", web))).isFalse();
        assertThat(authorizer.needsHttp(8080)).isFalse();
        assertThat(Outboxes.drain(outbox).getFirst().explanation()).contains("no policies yet");
    }

    @Test
    void deniesAPeerOnTheDenyListWhateverThePoliciesSay() {
        denied = Optional.of(web);

        assertThat(reason(Optional.of(web), get("/", web))).isEqualTo(Reason.PEER_DENIED);
        assertThat(authorizer.stillAllowed(Optional.of(web), get("/", web))).isFalse();
        assertThat(Outboxes.drain(outbox).getFirst().explanation()).contains("stolen key");
    }

    @Test
    void deniesARequestThatNamesAnotherPrincipalThanTheHandshakeProved() {
        assertThat(reason(Optional.of(guest), get("/", web))).isEqualTo(Reason.EVALUATION_FAULT);
        assertThat(reason(Optional.empty(), get("/", web))).isEqualTo(Reason.EVALUATION_FAULT);
        assertThat(reason(Optional.of(web), anonymous())).isEqualTo(Reason.EVALUATION_FAULT);
    }

    @Test
    void aCallerWithoutIdentityMatchesNoPrincipal() {
        inForce = Optional.of(withMtls(MtlsMode.PERMISSIVE));

        assertThat(authorizer.mtls(8080)).isEqualTo(MtlsMode.PERMISSIVE);
        assertThat(reason(Optional.empty(), anonymous())).isEqualTo(Reason.NO_ALLOW_RULE_MATCHED);
    }

    @Test
    void aPortIsStrictUnlessSomebodySaysOtherwiseAndThenAlsoForWhatIsOpen() {
        assertThat(authorizer.mtls(8080)).isEqualTo(MtlsMode.STRICT);
        assertThat(reason(Optional.empty(), anonymous())).isEqualTo(Reason.PLAINTEXT_REFUSED);
        assertThat(authorizer.stillAllowed(Optional.empty(), anonymous())).isFalse();
    }

    @Test
    void withoutPoliciesEveryPortIsStrict() {
        inForce = Optional.empty();

        assertThat(authorizer.mtls(8080)).isEqualTo(MtlsMode.STRICT);
    }

    @Test
    void deniesOnAFault() {
        PolicyAuthorizer faulty =
                new PolicyAuthorizer(
                        source,
                        peer -> {
                            throw new IllegalStateException("broken");
                        },
                        new DecisionLog(outbox, edges, new SecureRandom(), clock),
                        meters);

        Verdict verdict = faulty.decide(Optional.of(web), get("/", web));

        assertThat(verdict).isInstanceOf(Denied.class);
        assertThat(((Denied) verdict).decision().reason()).isEqualTo(Reason.EVALUATION_FAULT);
    }

    @Test
    void whatADryRunWouldHaveDecidedIsCountedBesideWhatIsEnforced() {
        AuthorizationPolicy callers = inForce.orElseThrow().policies().policies().getFirst();
        AuthorizationPolicy noGets =
                new AuthorizationPolicy(
                        ApiGroup.COUNTERSIGN,
                        "shop",
                        "no-gets",
                        Action.DENY,
                        PolicyMode.DRY_RUN,
                        Map.of(),
                        List.of(),
                        null,
                        List.of(new Rule(List.of(), List.of(GET), List.of(), null)),
                        null);
        inForce =
                Optional.of(
                        PolicySource.InForce.of(
                                PolicySet.of(
                                        2,
                                        MeshSettings.countersign("countersign", "example.org"),
                                        List.of(callers, noGets),
                                        clock),
                                ORDERS));

        Verdict verdict = authorizer.decide(Optional.of(web), get("/orders/42", web));

        assertThat(verdict).isInstanceOf(Permit.class);
        ReportedEdge edge = edges.next().orElseThrow().edges().getFirst();
        assertThat(edge.ruling()).isEqualTo(new Ruling(true, "shop/callers", 0));
        assertThat(edge.dryRun()).contains(new Ruling(false, "shop/no-gets", 0));
    }

    @Test
    void aNewRevisionDecidesFromTheNextRequestOn() {
        assertThat(authorizer.stillAllowed(Optional.of(web), get("/", web))).isTrue();

        inForce = Optional.of(only("example.org/ns/shop/sa/guest", 2, null));

        assertThat(authorizer.stillAllowed(Optional.of(web), get("/", web))).isFalse();
        assertThat(authorizer.stillAllowed(Optional.of(guest), get("/", guest))).isTrue();
    }

    @Test
    void anAllowPolicyThatEndsAllowsNothingFromThenOn() {
        inForce =
                Optional.of(only("example.org/ns/shop/sa/web", 1, clock.instant().plusSeconds(60)));
        assertThat(authorizer.stillAllowed(Optional.of(web), get("/", web))).isTrue();

        clock.advance(Duration.ofSeconds(61));

        assertThat(authorizer.stillAllowed(Optional.of(web), get("/", web))).isFalse();
    }

    @Test
    void askingAboutAnOpenConnectionCountsAndReportsNothing() {
        authorizer.stillAllowed(Optional.of(guest), get("/", guest));

        assertThat(Outboxes.drain(outbox)).isEmpty();
    }

    @Test
    void countsDecisionsByThePolicyThatMadeThem() {
        authorizer.decide(Optional.of(web), get("/orders/42", web));
        authorizer.decide(Optional.of(web), get("/orders/43", web));
        authorizer.decide(Optional.of(guest), get("/", guest));

        assertThat(counted("shop/callers", "allow", "allowed")).isEqualTo(2);
        assertThat(counted("none", "none", "denied")).isEqualTo(1);
    }

    @Test
    void refusesForWhatCameBeforeThePoliciesWithAnIdThatLeadsToTheReason() {
        Denied denied =
                authorizer.refuse(
                        Optional.of(web), get("/", web), Reason.TOKEN_INVALID, "exp: too old");

        assertThat(denied.decision().reason()).isEqualTo(Reason.TOKEN_INVALID);
        Denial reported = Outboxes.drain(outbox).getFirst();
        assertThat(reported.id()).isEqualTo(denied.id());
        assertThat(reported.explanation()).contains("exp: too old");
    }

    @Test
    void saysWhichPortsNeedHttp() {
        assertThat(authorizer.needsHttp(8080)).isTrue();
    }

    private double counted(String policy, String action, String verdict) {
        Counter counter =
                meters.find("countersign.agent.policy.decisions")
                        .tags("policy", policy, "action", action, "verdict", verdict)
                        .counter();
        return counter == null ? 0 : counter.count();
    }

    private Reason reason(Optional<VerifiedPeer> peer, Request request) {
        Verdict verdict = authorizer.decide(peer, request);
        assertThat(verdict).isInstanceOf(Denied.class);
        return ((Denied) verdict).decision().reason();
    }

    private PolicySource.InForce withMtls(MtlsMode mode) {
        PolicySource.InForce now = only("example.org/ns/shop/sa/web", 7, null);
        PeerAuthentication everywhere =
                new PeerAuthentication(
                        ApiGroup.COUNTERSIGN, "countersign", "all", Map.of(), mode, Map.of());
        return PolicySource.InForce.of(
                now.policies(),
                ORDERS,
                new PeerAuthentications(now.policies().mesh(), List.of(everywhere)),
                new RequestAuthentications(now.policies().mesh(), List.of()),
                List.of());
    }

    private PolicySource.InForce only(
            String principal, long revision, @Nullable Instant validUntil) {
        return only(principal, revision, validUntil, GET);
    }

    private PolicySource.InForce only(
            String principal, long revision, @Nullable Instant validUntil, Operation operation) {
        Rule rule =
                new Rule(
                        List.of(Source.ofPrincipals(List.of(principal))),
                        List.of(operation),
                        List.of(),
                        null);
        AuthorizationPolicy policy =
                new AuthorizationPolicy(
                        ApiGroup.COUNTERSIGN,
                        "shop",
                        "callers",
                        Action.ALLOW,
                        PolicyMode.ENFORCE,
                        Map.of(),
                        List.of(),
                        null,
                        List.of(rule),
                        validUntil);
        return PolicySource.InForce.of(
                PolicySet.of(
                        revision,
                        MeshSettings.countersign("countersign", "example.org"),
                        List.of(policy),
                        clock),
                ORDERS);
    }

    private static Request get(String path, VerifiedPeer peer) {
        return Request.http()
                .port(8080)
                .sourcePrincipal(peer.id().toString())
                .method("GET")
                .path(path)
                .build();
    }

    private Request connect(String host) {
        return Request.http()
                .port(8080)
                .sourcePrincipal(web.id().toString())
                .method("CONNECT")
                .host(host)
                .build();
    }

    private static Request anonymous() {
        return Request.http().port(8080).method("GET").path("/").build();
    }

    private VerifiedPeer peer(String path) {
        try {
            return new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock)
                    .verify(authority.leaf(path).build().chain());
        } catch (TrustRefused e) {
            throw new IllegalStateException(e);
        }
    }
}
