package dev.countersign.server.attestation.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.AttestorContract;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.attestation.Pod;
import dev.countersign.server.attestation.kubernetes.TokenReviews.Answer;
import dev.countersign.server.attestation.serviceaccount.JwksLoader;
import dev.countersign.server.attestation.serviceaccount.JwksSettings;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.attestation.serviceaccount.ServiceAccountTokenAttestor;
import dev.countersign.server.attestation.serviceaccount.TokenForge;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each step of the attestor, with a cluster that says what a test wants. */
final class KubernetesAttestorTest extends AttestorContract {
    private static final String UID = "6a1f-pod";
    private static final ServiceAccountName WEB = new ServiceAccountName("shop", "web");

    private final MutableClock clock = MutableClock.create();
    private final ScriptedCluster cluster = new ScriptedCluster(ScriptedCluster.authenticated(UID));
    private final BearerToken token = TokenForge.good(clock.instant());
    private LineageRecords lineages = LineageRecords.NONE;

    KubernetesAttestorTest() {
        cluster.known.put(UID, pod(UID, "77aa-sa", false));
    }

    @Override
    protected Attestor attestor() {
        JwksLoader loader =
                new JwksLoader() {
                    @Override
                    public String origin() {
                        return "test";
                    }

                    @Override
                    public Optional<Document> load(String known) {
                        byte[] jwks =
                                TokenForge.jwks(TokenForge.RSA).getBytes(StandardCharsets.UTF_8);
                        return Optional.of(new Document(jwks, "1"));
                    }
                };
        JwksSource keys = new JwksSource(loader, JwksSettings.forUrl(), clock, Runnable::run);
        return new KubernetesAttestor(
                new ServiceAccountTokenAttestor(TokenSettings.of(TokenForge.ISSUER), keys, clock),
                cluster,
                cluster,
                (issuer, serial) -> lineages.lineage(issuer, serial),
                Set.of("countersign"),
                clock);
    }

    @Override
    protected BearerToken believed() {
        return token;
    }

    @Override
    protected List<BearerToken> notBelieved() {
        return List.of(
                TokenForge.edited(clock.instant(), claims -> claims.put("iss", "https://other")),
                TokenForge.edited(
                        clock.instant(),
                        claims ->
                                TokenForge.at(claims, "kubernetes.io", "pod").put("uid", "other")),
                TokenForge.edited(
                        clock.instant(),
                        claims ->
                                TokenForge.at(claims, "kubernetes.io", "node")
                                        .put("name", "node-2")));
    }

    @Test
    void onePodLifeCostsOneReview() throws Exception {
        Attestor attestor = attestor();

        attestor.attest(evidence(token));
        attestor.attest(evidence(token));
        attestor.attest(evidence(token));

        assertThat(cluster.reviews).isEqualTo(1);
        assertThat(cluster.asked).isZero();
    }

    @Test
    void aRenewalOnRecordNeedsNoReview() throws Exception {
        lineages = onRecord(UID, "77aa-sa");

        attestor().attest(renewal());

        assertThat(cluster.reviews).isZero();
    }

    @Test
    void aRenewalOfAnotherPodsCertificateIsAFirstContact() throws Exception {
        lineages = onRecord("another-pod", "77aa-sa");

        attestor().attest(renewal());

        assertThat(cluster.reviews).isEqualTo(1);
    }

    @Test
    void anAccountMadeAnewIsAnotherAccount() {
        cluster.known.put(UID, pod(UID, "new-sa", false));
        lineages = onRecord(UID, "77aa-sa");

        assertThat(refused(renewal()).reason()).isEqualTo(Reason.POD_MISMATCH);
        assertThat(cluster.reviews).isZero();
    }

    @Test
    void anAccountThatIsNotKnownIsReviewed() throws Exception {
        cluster.known.put(UID, withoutAccountUid());
        lineages = onRecord(UID, "77aa-sa");

        attestor().attest(renewal());

        assertThat(cluster.reviews).isEqualTo(1);
    }

    @Test
    void aPodThatIsBeingDeletedIsRefusedWithoutACall() {
        cluster.known.put(UID, pod(UID, "77aa-sa", true));

        assertThat(refused(evidence(token)).reason()).isEqualTo(Reason.POD_DELETING);
        assertThat(cluster.reviews).isZero();
    }

    @Test
    void aDeletedPodIsRefusedWithoutACall() {
        cluster.gone.add(UID);

        assertThat(refused(evidence(token)).reason()).isEqualTo(Reason.POD_UNKNOWN);
        assertThat(cluster.reviews).isZero();
    }

    @Test
    void aPodTooNewForMemoryIsReviewedAndAskedFor() throws Exception {
        cluster.known.clear();
        cluster.there.put("shop/web-0", pod(UID, "77aa-sa", false));

        attestor().attest(evidence(token));

        assertThat(cluster.reviews).isEqualTo(1);
        assertThat(cluster.asked).isEqualTo(1);
    }

    @Test
    void aTokenThatOutlivesItsPodIsNotBelievedAlthoughTheReviewSaysSo() {
        cluster.known.clear();

        assertThat(refused(evidence(token)).reason()).isEqualTo(Reason.POD_UNKNOWN);
    }

    @Test
    void aPodOfTheSameNameIsAnotherPod() {
        cluster.known.clear();
        cluster.there.put("shop/web-0", pod("its-successor", "77aa-sa", false));

        assertThat(refused(evidence(token)).reason()).isEqualTo(Reason.POD_UNKNOWN);
    }

    @Test
    void whatDoesNotExistIsAskedForOnceInTenSeconds() {
        cluster.known.clear();
        Attestor attestor = attestor();

        for (int i = 0; i < 5; i++) {
            refused(attestor, evidence(token));
        }
        assertThat(cluster.reviews).isEqualTo(1);
        clock.advance(Duration.ofSeconds(10));
        refused(attestor, evidence(token));

        assertThat(cluster.reviews).isEqualTo(2);
    }

    @Test
    void withoutTheApiServerAFirstCertificateHasToWait() {
        cluster.away = true;

        AttestationRefused refused = refused(evidence(token));

        assertThat(refused.reason()).isEqualTo(Reason.KUBERNETES_UNAVAILABLE);
        assertThat(refused.isTransient()).isTrue();
    }

    @Test
    void withoutTheApiServerRenewalsGoOn() throws Exception {
        cluster.away = true;
        cluster.live = false;
        lineages = onRecord(UID, "77aa-sa");

        attestor().attest(renewal());

        assertThat(cluster.reviews).isEqualTo(1);
    }

    @Test
    void whileChangesAreNotHeardOfEveryTokenIsReviewed() {
        cluster.live = false;
        cluster.reviewed.add(UID);
        cluster.answer = denied();

        assertThat(refused(evidence(token)).reason()).isEqualTo(Reason.TOKEN_REVIEW_REFUSED);
    }

    @Test
    void aPodThatIsNotInMemoryIsNotBelievedWithoutTheApiServer() {
        cluster.known.clear();
        cluster.away = true;
        lineages = onRecord(UID, "77aa-sa");

        assertThat(refused(renewal()).reason()).isEqualTo(Reason.KUBERNETES_UNAVAILABLE);
    }

    @ParameterizedTest
    @MethodSource
    void anAnswerThatDoesNotFitIsRefused(Answer answer, Reason reason) {
        cluster.answer = answer;

        AttestationRefused refused = refused(evidence(token));

        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.getMessage()).contains("expected:");
        assertThat(cluster.reviewed).isEmpty();
    }

    static Stream<Arguments> anAnswerThatDoesNotFitIsRefused() {
        List<String> ours = List.of("countersign");
        String name = "system:serviceaccount:shop:web";
        Optional<String> pod = Optional.of("web-0");
        Optional<String> uid = Optional.of(UID);
        return Stream.of(
                argumentSet("not authenticated", denied(), Reason.TOKEN_REVIEW_REFUSED),
                argumentSet(
                        "no audience",
                        new Answer(true, "", List.of(), name, "77aa-sa", pod, uid),
                        Reason.TOKEN_REVIEW_AUDIENCE),
                argumentSet(
                        "another audience",
                        new Answer(true, "", List.of("vault"), name, "77aa-sa", pod, uid),
                        Reason.TOKEN_REVIEW_AUDIENCE),
                argumentSet(
                        "another account",
                        new Answer(
                                true,
                                "",
                                ours,
                                "system:serviceaccount:shop:db",
                                "77aa-sa",
                                pod,
                                uid),
                        Reason.TOKEN_REVIEW_MISMATCH),
                argumentSet(
                        "another account of the same name",
                        new Answer(true, "", ours, name, "88bb-sa", pod, uid),
                        Reason.TOKEN_REVIEW_MISMATCH),
                argumentSet(
                        "another pod",
                        new Answer(true, "", ours, name, "77aa-sa", pod, Optional.of("other")),
                        Reason.TOKEN_REVIEW_MISMATCH),
                argumentSet(
                        "no pod at all",
                        new Answer(
                                true,
                                "",
                                ours,
                                name,
                                "77aa-sa",
                                Optional.empty(),
                                Optional.empty()),
                        Reason.TOKEN_REVIEW_MISMATCH));
    }

    @Test
    void theNodeIsThePodsWhenTheTokenNamesNone() throws Exception {
        BearerToken old =
                TokenForge.edited(
                        clock.instant(),
                        claims -> TokenForge.at(claims, "kubernetes.io").remove("node"));

        assertThat(attestor().attest(evidence(old)).nodeName()).contains("node-1");
    }

    private AttestationRefused refused(Evidence evidence) {
        return refused(attestor(), evidence);
    }

    private static AttestationRefused refused(Attestor attestor, Evidence evidence) {
        return catchThrowableOfType(AttestationRefused.class, () -> attestor.attest(evidence));
    }

    private Evidence renewal() {
        return new Evidence(token, Optional.of(peer()), InetAddress.getLoopbackAddress());
    }

    private VerifiedPeer peer() {
        TestAuthority authority = TestAuthority.create("mesh.example", clock, 7);
        try {
            return new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock)
                    .verify(authority.leaf("/ns/shop/sa/web").build().chain());
        } catch (TrustRefused refused) {
            throw new AssertionError(refused);
        }
    }

    private LineageRecords onRecord(String podUid, String accountUid) {
        return (issuer, serial) ->
                Optional.of(
                        new LineageRecords.Lineage(
                                WEB,
                                accountUid,
                                "web-0",
                                podUid,
                                Optional.of("node-1"),
                                clock.instant()));
    }

    private static Answer denied() {
        return new Answer(
                false,
                "invalid bearer token",
                List.of(),
                "",
                "",
                Optional.empty(),
                Optional.empty());
    }

    private static Pod pod(String uid, String accountUid, boolean deleting) {
        return new Pod(
                WEB,
                Optional.of(accountUid),
                "web-0",
                Optional.of(uid),
                Optional.of("node-1"),
                deleting,
                Map.of(),
                Set.of());
    }

    private static Pod withoutAccountUid() {
        return new Pod(
                WEB,
                Optional.empty(),
                "web-0",
                Optional.of(UID),
                Optional.of("node-1"),
                false,
                Map.of(),
                Set.of());
    }
}
