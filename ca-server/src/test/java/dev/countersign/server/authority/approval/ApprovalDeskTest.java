package dev.countersign.server.authority.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.approval.ApprovalRefused.Reason;
import dev.countersign.server.authority.approval.Step.Kind;
import dev.countersign.server.testing.InMemoryApprovalRecords;
import dev.countersign.server.testing.InMemoryAuditTrail;
import dev.countersign.testing.MutableClock;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ApprovalDeskTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final KeyPair ALICE = keys("Ed25519");
    private static final KeyPair BOB = keys("EC");
    private static final KeyPair CAROL = keys("EC");
    private static final Step DISTRUST =
            new Step(Kind.DISTRUST, DOMAIN, 7, Map.of("root", "4f1c", "reason", "key leaked"));

    private final MutableClock clock = MutableClock.create();
    private final InMemoryApprovalRecords records = new InMemoryApprovalRecords();
    private final InMemoryAuditTrail audit = new InMemoryAuditTrail();
    private final ApprovalDesk desk =
            new ApprovalDesk(
                    new ApprovalRules(
                            2,
                            Map.of(
                                    "alice", ALICE.getPublic(),
                                    "bob", BOB.getPublic(),
                                    "carol", CAROL.getPublic())),
                    DOMAIN,
                    records,
                    audit,
                    clock,
                    new SecureRandom());

    @Test
    void aStepIsTakenOnceEnoughHaveApproved() throws Exception {
        String digest = awaited(DISTRUST).digest();
        desk.give(approval(digest, "alice", ALICE));
        assertThat(awaited(DISTRUST).given()).containsExactly("alice");

        ApprovalDesk.Waiting standing = desk.give(approval(digest, "bob", BOB));

        assertThat(standing.approvers()).containsExactly("alice", "bob");
        ApprovedStep approved = desk.require(DISTRUST);
        assertThat(approved.step()).isEqualTo(DISTRUST);
        assertThat(approved.digest()).isEqualTo(digest);
        assertThat(approved.approvers()).containsExactly("alice", "bob");
        assertThat(audit.events().stream().map(AuditEvent::type))
                .containsExactly(
                        AuditEvent.Type.STEP_AWAITS_APPROVAL,
                        AuditEvent.Type.STEP_APPROVAL_GIVEN,
                        AuditEvent.Type.STEP_APPROVAL_GIVEN,
                        AuditEvent.Type.STEP_APPROVED);
    }

    @Test
    void theRefusalSaysWhoIsMissingAndTheCommand() {
        AwaitingApproval awaiting = awaited(DISTRUST);

        assertThat(awaiting)
                .hasMessage(
                        "distrust: approved by 0 [] (expected: 2; each: countersign root approve"
                                + " --step "
                                + awaiting.digest()
                                + " --name NAME --key FILE)");
    }

    @Test
    void peopleReadWhatTheDigestCovers() {
        awaited(DISTRUST);

        assertThat(desk.waiting()).hasSize(1);
        assertThat(desk.waiting().getFirst().step().text())
                .startsWith(
                        """
                        countersign step v1
                        step: distrust
                        trust-domain: prod.example
                        epoch: 7
                        fact-reason: key leaked
                        fact-root: 4f1c
                        asked: 2026-03-01T12:00:00Z
                        nonce: \
                        """);
    }

    @Test
    void approvalsAreForOneTakingOnly() throws Exception {
        String digest = approvedByTwo(DISTRUST);
        desk.require(DISTRUST);

        AwaitingApproval again = awaited(DISTRUST);

        assertThat(again.digest()).isNotEqualTo(digest);
        assertThat(again.given()).isEmpty();
        refused(Reason.APPROVAL_STEP_USED, approval(digest, "carol", CAROL));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void approvalsAreForTheExactStepOnly(Kind kind) throws Exception {
        approvedByTwo(DISTRUST);

        Step otherRoot = new Step(kind, DOMAIN, 7, Map.of("root", "5555", "reason", "key leaked"));
        Step otherEpoch = new Step(kind, DOMAIN, 8, DISTRUST.facts());

        assertThat(awaited(otherRoot).given()).isEmpty();
        assertThat(awaited(otherEpoch).given()).isEmpty();
    }

    @Test
    void oneOperatorCountsOnce() throws Exception {
        String digest = awaited(DISTRUST).digest();
        desk.give(approval(digest, "alice", ALICE));

        refused(Reason.APPROVAL_REPEATED, approval(digest, "alice", ALICE));

        assertThat(awaited(DISTRUST).given()).containsExactly("alice");
    }

    @Test
    void anApprovalThatEndedCountsNoMoreAndCanBeGivenAgain() throws Exception {
        String digest = awaited(DISTRUST).digest();
        desk.give(approval(digest, "alice", ALICE));
        desk.give(approval(digest, "bob", BOB));
        clock.advance(Duration.ofHours(2));
        assertThat(awaited(DISTRUST).given()).isEmpty();

        desk.give(approval(digest, "alice", ALICE));
        desk.give(approval(digest, "bob", BOB));

        assertThat(desk.require(DISTRUST).approvers()).containsExactly("alice", "bob");
    }

    @Test
    void aStepThatWaitedADayIsAskedForAnew() throws Exception {
        String digest = awaited(DISTRUST).digest();
        clock.advance(ApprovalRules.LONGEST);

        refused(Reason.APPROVAL_STEP_EXPIRED, approval(digest, "alice", ALICE));

        assertThat(desk.waiting()).isEmpty();
        assertThat(awaited(DISTRUST).digest()).isNotEqualTo(digest);
    }

    @Test
    void whatDoesNotCountIsRefusedByName() throws Exception {
        String digest = awaited(DISTRUST).digest();
        Instant now = clock.instant();

        refused(Reason.APPROVAL_OPERATOR_UNKNOWN, approval(digest, "mallory", BOB));
        refused(Reason.APPROVAL_BAD_SIGNATURE, approval(digest, "alice", BOB));
        refused(Reason.APPROVAL_STEP_UNKNOWN, approval("0".repeat(64), "alice", ALICE));
        refused(Reason.APPROVAL_EXPIRED, approval(digest, "bob", BOB, now));
        refused(
                Reason.APPROVAL_TOO_LONG,
                approval(digest, "bob", BOB, now.plus(Duration.ofHours(25))));
    }

    @Test
    void anApprovalWithAnotherEndOrNameThanSignedDoesNotCount() throws Exception {
        String digest = awaited(DISTRUST).digest();
        SignedApproval signed = approval(digest, "bob", BOB);

        refused(
                Reason.APPROVAL_BAD_SIGNATURE,
                new SignedApproval(
                        digest, "bob", signed.until().plusSeconds(60), signed.signature()));
        refused(
                Reason.APPROVAL_BAD_SIGNATURE,
                new SignedApproval(digest, "carol", signed.until(), signed.signature()));
    }

    @Test
    void whoWritesToTheDatabaseCannotApprove() {
        String digest = awaited(DISTRUST).digest();
        Instant until = clock.instant().plusSeconds(60);
        records.force(new SignedApproval(digest, "alice", until, new byte[64]));
        records.force(new SignedApproval(digest, "bob", until, new byte[70]));

        assertThat(awaited(DISTRUST).given()).isEmpty();
    }

    @Test
    void nothingIsApprovedThatCannotBeRecorded() throws Exception {
        approvedByTwo(DISTRUST);
        audit.failWith("disk full");

        assertThatExceptionOfType(AuditUnavailable.class).isThrownBy(() -> desk.require(DISTRUST));

        audit.recover();
        assertThat(desk.require(DISTRUST).approvers()).hasSize(2);
    }

    @Test
    void withoutApproversEveryStepPasses() throws Exception {
        ApprovedStep approved = Approvals.notConfigured().require(DISTRUST);

        assertThat(approved.step()).isEqualTo(DISTRUST);
        assertThat(approved.approvers()).isEmpty();
    }

    @Test
    void rulesThatNobodyCouldFulfilAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ApprovalRules(2, Map.of("alice", ALICE.getPublic())))
                .withMessage("approvals.required: 2 (expected: 1 to the number of operators, 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ApprovalRules(0, Map.of("alice", ALICE.getPublic())));
    }

    @Test
    void keysOfOtherKindsAreRefused() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> OperatorKeys.parse(pem(rsa.generateKeyPair())))
                .withMessage(
                        "operator key: another kind of key (expected: PEM of a P-256 or Ed25519"
                                + " public key)");
        assertThatIllegalArgumentException().isThrownBy(() -> OperatorKeys.parse("hello"));
        assertThat(OperatorKeys.parse(pem(ALICE))).isEqualTo(ALICE.getPublic());
        assertThat(OperatorKeys.parse(pem(BOB))).isEqualTo(BOB.getPublic());
    }

    private String approvedByTwo(Step step) throws Exception {
        String digest = awaited(step).digest();
        desk.give(approval(digest, "alice", ALICE));
        desk.give(approval(digest, "bob", BOB));
        return digest;
    }

    private AwaitingApproval awaited(Step step) {
        try {
            throw new AssertionError("approved: " + desk.require(step));
        } catch (AwaitingApproval awaiting) {
            return awaiting;
        } catch (AuditUnavailable unavailable) {
            throw new AssertionError(unavailable);
        }
    }

    private void refused(Reason reason, SignedApproval approval) {
        assertThatExceptionOfType(ApprovalRefused.class)
                .isThrownBy(() -> desk.give(approval))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    private SignedApproval approval(String digest, String operator, KeyPair key)
            throws GeneralSecurityException {
        return approval(digest, operator, key, clock.instant().plus(Duration.ofHours(1)));
    }

    private static SignedApproval approval(
            String digest, String operator, KeyPair key, Instant until)
            throws GeneralSecurityException {
        Signature signer = Signature.getInstance(OperatorKeys.signatureAlgorithm(key.getPublic()));
        signer.initSign(key.getPrivate());
        signer.update(SignedApproval.message(digest, operator, until));
        return new SignedApproval(digest, operator, until, signer.sign());
    }

    private static String pem(KeyPair keys) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static KeyPair keys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
