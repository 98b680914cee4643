package dev.countersign.server.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.AttestationRules.CallerAddress;
import dev.countersign.server.attestation.ConfiguredWorkloads.Workload;
import dev.countersign.server.attestation.LineageRecords.Lineage;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rule book, with peers proven by the real verifier and an attestor that knows one token. */
final class AttestorsTest {
    private static final ServiceAccountName WEB = new ServiceAccountName("shop", "web");
    private static final ServiceAccountName GUEST = new ServiceAccountName("shop", "guest");
    private static final BearerToken TOKEN = new BearerToken("web-token");
    private static final BearerToken NONE = new BearerToken("");
    private static final Duration DAY = Duration.ofHours(24);

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 3);
    private final TrustDomain trustDomain = authority.trustDomain();
    private final SvidVerifier verifier =
            new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock);
    private final Map<String, Lineage> lineages = new HashMap<>();
    private final List<AuditEvent> audited = new ArrayList<>();

    @Test
    void firstContactNeedsATokenAndNothingElse() throws AttestationRefused {
        AttestedWorkload workload = attestors().attest(evidence(TOKEN, Optional.empty()));

        assertThat(workload.account()).isEqualTo(WEB);
        assertThat(workload.podName()).isEqualTo("web-0");
        assertThat(workload.tokenFingerprint()).isEqualTo(TOKEN.fingerprint());
        assertThat(reason(NONE, Optional.empty())).isEqualTo(Reason.TOKEN_MISSING);
    }

    @Test
    void renewalNeedsBothToNameTheSameWorkload() throws Exception {
        VerifiedPeer web = peer(WEB);
        record(web, lineage(WEB, "pod-uid"));

        assertThat(attestors().attest(evidence(TOKEN, Optional.of(web))).podUid())
                .isEqualTo("pod-uid");
        assertThat(reason(TOKEN, Optional.of(peer(GUEST))))
                .isEqualTo(Reason.RENEWAL_OTHER_IDENTITY);
    }

    @Test
    void theCertificateOfAnotherPodOfTheSameAccountDoesNotRenew() throws Exception {
        VerifiedPeer other = peer(WEB);
        record(other, lineage(WEB, "pod-uid-of-web-1"));

        assertThat(reason(TOKEN, Optional.of(other))).isEqualTo(Reason.RENEWAL_OTHER_IDENTITY);
    }

    @Test
    void anAccountMadeAnewUnderTheOldNameDoesNotRenew() throws Exception {
        VerifiedPeer old = peer(WEB);
        record(
                old,
                new Lineage(
                        WEB, "old-sa-uid", "web-0", "pod-uid", Optional.empty(), clock.instant()));

        assertThat(reason(TOKEN, Optional.of(old))).isEqualTo(Reason.RENEWAL_OTHER_IDENTITY);
    }

    @Test
    void aCertificateThatIsNotOnRecordNeedsTheTokenToProveThePod() throws Exception {
        VerifiedPeer unknown = peer(WEB);

        assertThat(attestors().attest(evidence(TOKEN, Optional.of(unknown))).account())
                .isEqualTo(WEB);
        assertThat(
                        reason(
                                attestors(rules(CallerAddress.OFF, Set.of(WEB))),
                                evidence(NONE, Optional.of(unknown))))
                .isEqualTo(Reason.RENEWAL_NOT_KNOWN);
    }

    @Test
    void whoHasTokensMustBringOneAtEachRenewal() throws Exception {
        VerifiedPeer web = peer(WEB);
        record(web, lineage(WEB, "pod-uid"));

        assertThat(reason(NONE, Optional.of(web))).isEqualTo(Reason.TOKEN_MISSING);
    }

    @Test
    void whoHasNoTokenAnyMoreMayRenewForAWhile() throws Exception {
        VerifiedPeer web = peer(WEB);
        record(web, lineage(WEB, "pod-uid"));
        Attestors attestors = attestors(rules(CallerAddress.OFF, Set.of(WEB)));

        AttestedWorkload workload = attestors.attest(evidence(NONE, Optional.of(web)));
        assertThat(workload.podUid()).isEqualTo("pod-uid");
        assertThat(workload.tokenFingerprint()).isEmpty();
        assertThat(workload.until()).isEqualTo(clock.instant().plus(DAY));
        clock.advance(DAY.minusNanos(1));
        assertThat(attestors.attest(evidence(NONE, Optional.of(web))).account()).isEqualTo(WEB);
        clock.advance(Duration.ofNanos(1));

        assertThat(reason(attestors, evidence(NONE, Optional.of(web))))
                .isEqualTo(Reason.RENEWAL_WITHOUT_TOKEN_TOO_LONG);
    }

    @Test
    void theFlagOfOneAccountIsNotAnothers() throws Exception {
        VerifiedPeer guest = peer(GUEST);
        record(guest, lineage(GUEST, "pod-uid"));
        Attestors attestors = attestors(rules(CallerAddress.OFF, Set.of(WEB)));

        assertThat(reason(attestors, evidence(NONE, Optional.of(guest))))
                .isEqualTo(Reason.TOKEN_MISSING);
    }

    @Test
    void aCertificateWhoseRecordSaysAnotherAccountDoesNotRenew() throws Exception {
        VerifiedPeer web = peer(WEB);
        record(web, lineage(GUEST, "pod-uid"));
        Attestors attestors = attestors(rules(CallerAddress.OFF, Set.of(WEB, GUEST)));

        assertThat(reason(attestors, evidence(NONE, Optional.of(web))))
                .isEqualTo(Reason.RENEWAL_OTHER_IDENTITY);
    }

    @Test
    void theServersAndOperatorsCertificatesAttestNothing() throws Exception {
        for (String path : List.of("/countersign/ca-server", "/countersign/operator/ann")) {
            VerifiedPeer peer = verifier.verify(authority.leaf(path).build().chain());

            assertThat(reason(NONE, Optional.of(peer))).isEqualTo(Reason.TOKEN_MISSING);
            assertThat(reason(TOKEN, Optional.of(peer))).isEqualTo(Reason.RENEWAL_OTHER_IDENTITY);
        }
    }

    @Test
    void theCallersAddressIsComparedAsTheSettingSays() throws Exception {
        assertThat(reason(attestorsAt("192.0.2.9", CallerAddress.ENFORCE), evidence(TOKEN)))
                .isEqualTo(Reason.CALLER_ADDRESS);
        assertThat(audited).isEmpty();
        assertThat(attestorsAt("192.0.2.9", CallerAddress.AUDIT).attest(evidence(TOKEN)))
                .isNotNull();
        assertThat(audited)
                .extracting(AuditEvent::type)
                .containsExactly(AuditEvent.Type.CALLER_ADDRESS_DIFFERS);
        assertThat(attestorsAt("192.0.2.9", CallerAddress.OFF).attest(evidence(TOKEN))).isNotNull();
        assertThat(attestorsAt("192.0.2.1", CallerAddress.ENFORCE).attest(evidence(TOKEN)))
                .isNotNull();
        assertThat(audited).hasSize(1);
    }

    @Test
    void aPodThatTheDirectoryContradictsIsRefused() {
        assertThat(reason(attestors(pod(GUEST, Optional.empty(), false)), evidence(TOKEN)))
                .isEqualTo(Reason.POD_MISMATCH);
        assertThat(reason(attestors(pod(WEB, Optional.of("newer"), false)), evidence(TOKEN)))
                .isEqualTo(Reason.POD_MISMATCH);
        assertThat(reason(attestors(pod(WEB, Optional.of("pod-uid"), true)), evidence(TOKEN)))
                .isEqualTo(Reason.POD_DELETING);
    }

    @Test
    void whereTheDirectoryIsCompleteAnUnknownPodIsRefused() throws AttestationRefused {
        ConfiguredWorkloads others =
                new ConfiguredWorkloads(List.of(entry(GUEST, Optional.empty())), true);
        ConfiguredWorkloads account =
                new ConfiguredWorkloads(List.of(entry(WEB, Optional.empty())), true);

        assertThat(reason(attestors(others, AttestationRules.DEFAULT), evidence(TOKEN)))
                .isEqualTo(Reason.POD_UNKNOWN);
        assertThat(attestors(account, AttestationRules.DEFAULT).attest(evidence(TOKEN)))
                .isNotNull();
    }

    @Test
    void configuredWorkloadsAnswerForAPodBeforeItsAccount() {
        Workload account = entry(WEB, Optional.empty());
        Workload pod =
                new Workload(WEB, Optional.of("web-0"), Map.of("app", "canary"), Set.of(), true);
        ConfiguredWorkloads workloads = new ConfiguredWorkloads(List.of(account, pod), false);

        assertThat(workloads.find(WEB, "web-0", "any").orElseThrow().labels())
                .containsEntry("app", "canary");
        assertThat(workloads.find(WEB, "web-7", "any").orElseThrow().labels())
                .containsEntry("app", "web");
        assertThat(workloads.find(GUEST, "guest-0", "any")).isEmpty();
        assertThat(workloads.of(WEB)).hasSize(2);
        assertThat(workloads.renewWithoutToken()).containsExactly(WEB);
    }

    private Attestors attestors() {
        return attestors(AttestationRules.DEFAULT);
    }

    private Attestors attestors(AttestationRules rules) {
        return attestors(ConfiguredWorkloads.none(), rules);
    }

    private Attestors attestors(Pod known) {
        return attestors(new OnePod(known), AttestationRules.DEFAULT);
    }

    private Attestors attestorsAt(String address, CallerAddress mode) throws UnknownHostException {
        Workload workload =
                new Workload(
                        WEB,
                        Optional.empty(),
                        Map.of(),
                        Set.of(InetAddress.getByName(address)),
                        false);
        return attestors(new ConfiguredWorkloads(List.of(workload), false), rules(mode, Set.of()));
    }

    private Attestors attestors(PodDirectory pods, AttestationRules rules) {
        return new Attestors(
                trustDomain,
                new OneToken(),
                pods,
                (issuer, serial) -> Optional.ofNullable(lineages.get(issuer + "/" + serial)),
                rules,
                clock,
                audited::add);
    }

    private static AttestationRules rules(
            CallerAddress mode, Set<ServiceAccountName> withoutToken) {
        return new AttestationRules(mode, DAY, withoutToken);
    }

    private VerifiedPeer peer(ServiceAccountName account) throws TrustRefused {
        return verifier.verify(authority.leaf(SpiffeId.of(trustDomain, account)).build().chain());
    }

    private void record(VerifiedPeer peer, Lineage lineage) {
        lineages.put(peer.issuerKeyId() + "/" + peer.serial(), lineage);
    }

    private Lineage lineage(ServiceAccountName account, String podUid) {
        return new Lineage(
                account, "sa-uid", "web-0", podUid, Optional.of("node-1"), clock.instant());
    }

    private Reason reason(BearerToken token, Optional<VerifiedPeer> peer) {
        return reason(attestors(), evidence(token, peer));
    }

    private static Reason reason(Attestors attestors, Evidence evidence) {
        AttestationRefused refused =
                catchThrowableOfType(AttestationRefused.class, () -> attestors.attest(evidence));
        assertThat(refused).as("a refusal").isNotNull();
        return refused.reason();
    }

    private static Evidence evidence(BearerToken token) {
        return evidence(token, Optional.empty());
    }

    private static Evidence evidence(BearerToken token, Optional<VerifiedPeer> peer) {
        try {
            return new Evidence(token, peer, InetAddress.getByName("192.0.2.1"));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // a literal address
        }
    }

    private static Workload entry(ServiceAccountName account, Optional<String> pod) {
        return new Workload(account, pod, Map.of("app", account.name()), Set.of(), false);
    }

    private static Pod pod(ServiceAccountName account, Optional<String> uid, boolean deleting) {
        return new Pod(
                account,
                Optional.empty(),
                "web-0",
                uid,
                Optional.empty(),
                deleting,
                Map.of(),
                Set.of());
    }

    private record OnePod(Pod pod) implements PodDirectory {
        @Override
        public Optional<Pod> find(ServiceAccountName account, String podName, String podUid) {
            return Optional.of(pod);
        }

        @Override
        public List<Pod> of(ServiceAccountName account) {
            return List.of(pod);
        }

        @Override
        public boolean isComplete() {
            return true;
        }
    }

    /** Believes one token for shop/web, and misses an absent one as real attestors do. */
    private final class OneToken implements Attestor {
        @Override
        public String name() {
            return "one-token";
        }

        @Override
        public WorkloadClaims attest(Evidence evidence) throws AttestationRefused {
            if (!evidence.token().reveal().equals(TOKEN.reveal())) {
                throw new AttestationRefused(Reason.TOKEN_MISSING, "token: none");
            }
            return new WorkloadClaims(
                    WEB,
                    "sa-uid",
                    "web-0",
                    "pod-uid",
                    Optional.of("node-1"),
                    evidence.token().fingerprint(),
                    clock.instant().plusSeconds(600),
                    name());
        }
    }
}
