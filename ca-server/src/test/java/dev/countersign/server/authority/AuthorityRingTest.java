package dev.countersign.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintProfile.Purpose;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.testing.InMemoryAuditTrail;
import dev.countersign.server.testing.InMemoryAuthorityJournal;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.wire.BundleCodec;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AuthorityRingTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final SpiffeId CART = SpiffeId.parse("spiffe://prod.example/ns/shop/sa/cart");

    private final SecureRandom random = new SecureRandom();
    private final MutableClock clock = MutableClock.create();
    private final MemoryKeyVault vault = new MemoryKeyVault(random);
    private final InMemoryAuthorityJournal journal = new InMemoryAuthorityJournal();
    private final InMemoryAuditTrail audit = new InMemoryAuditTrail();
    private final CertificateAssembler assembler = new CertificateAssembler();
    private final Linter linter =
            new Linter(
                    LintProfile.of(Purpose.WORKLOAD, Duration.ofMinutes(1), Duration.ofHours(24)));

    @Test
    void firstStartMakesRootBundleKeyAndEpochOne() throws Exception {
        AuthorityRing ring = open();

        AuthorityJournal.State state = journal.load().orElseThrow();
        assertThat(state.epoch()).isEqualTo(1);
        assertThat(state.roots()).hasSize(1);
        assertThat(vault.find(state.signingRoot())).isPresent();
        assertThat(vault.find(state.bundleKey())).isPresent();
        assertThat(ring.epoch()).isEqualTo(1);
        X509Certificate root = ring.bundle().roots().getFirst();
        root.verify(root.getPublicKey());
        assertThat(root.getNotAfter().toInstant())
                .isEqualTo(clock.instant().plus(Duration.ofDays(3650)));
        assertThat(root.getBasicConstraints()).isEqualTo(2);
    }

    @Test
    void everythingIsRecordedBeforeItTakesEffect() throws Exception {
        List<AuditEvent.Type> recorded = new ArrayList<>();
        journal.beforeNextReplace(() -> audit.events().forEach(e -> recorded.add(e.type())));

        open();

        assertThat(recorded)
                .containsExactly(AuditEvent.Type.ROOT_CREATED, AuditEvent.Type.BUNDLE_PUBLISHED);
        assertThat(types())
                .containsExactly(
                        AuditEvent.Type.ROOT_CREATED,
                        AuditEvent.Type.BUNDLE_PUBLISHED,
                        AuditEvent.Type.INTERMEDIATE_CREATED);
    }

    @Test
    void nothingIsMadeThatCannotBeRecorded() {
        audit.failWith("disk full");

        assertThatExceptionOfType(AuditUnavailable.class).isThrownBy(this::open);

        assertThat(journal.load()).isEmpty();
    }

    @Test
    void aCrashBeforeTheJournalIsPickedUpByTheNextStart() throws Exception {
        journal.beforeNextReplace(() -> {
            throw new IllegalStateException("crash");
        });
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this::open);

        AuthorityRing ring = open();

        assertThat(ring.epoch()).isEqualTo(1);
        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void readersBelieveTheBundle() throws Exception {
        AuthorityRing ring = open();

        SigningKeys.of(ring.bundle())
                .verify(
                        SigningContext.BUNDLE,
                        ring.signedBundle().payload(),
                        ring.keyId(),
                        ring.signedBundle().signature());
        assertThat(BundleCodec.decode(ring.signedBundle().payload())).isEqualTo(ring.bundle());
    }

    @Test
    void snapshotsAreSignedByTheBundleKey() throws Exception {
        AuthorityRing ring = open();
        byte[] payload = {1, 2, 3};

        byte[] signature =
                ring.sign(
                        new String(SigningContext.SNAPSHOT.prefix(), StandardCharsets.US_ASCII),
                        payload);

        assertThatCode(() ->
                        SigningKeys.of(ring.bundle())
                                .verify(SigningContext.SNAPSHOT, payload, ring.keyId(), signature))
                .doesNotThrowAnyException();
    }

    @Test
    void leavesAreBelievedByTheVerifierOfAgents() throws Exception {
        AuthorityRing ring = open();

        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void aLaterStartLoadsTheSameRootAndMakesAnIntermediateOfItsOwn() throws Exception {
        AuthorityRing first = open();

        AuthorityRing second = open();

        assertThat(second.bundle()).isEqualTo(first.bundle());
        assertThat(second.active().keyId()).isNotEqualTo(first.active().keyId());
        assertThat(types()).filteredOn(AuditEvent.Type.ROOT_CREATED::equals).hasSize(1);
        assertThat(signAndVerify(second, first)).isEqualTo(CART);
    }

    @Test
    void theSlowerOfTwoFirstStartsTakesOverTheFastersRoot() throws Exception {
        List<AuthorityRing> faster = new ArrayList<>();
        journal.beforeNextReplace(() -> faster.add(openUnchecked()));

        AuthorityRing slower = open();

        assertThat(slower.bundle()).isEqualTo(faster.getFirst().bundle());
        assertThat(journal.load().orElseThrow().epoch()).isEqualTo(1);
        assertThat(signAndVerify(slower, faster.getFirst())).isEqualTo(CART);
    }

    @Test
    void theSlowerWithAVaultOfItsOwnIsRefused() {
        journal.beforeNextReplace(this::openUnchecked);

        refused(Reason.BUNDLE_KEY_MISMATCH, () -> open(new MemoryKeyVault(random)));
    }

    @ParameterizedTest
    @CsvSource({"root-1,ROOT_KEY_MISSING", "bundle-1,BUNDLE_KEY_MISSING"})
    void aMissingKeyIsRefusedAndNothingIsMadeAnew(String key, Reason reason) throws Exception {
        open();
        vault.destroy(key);

        refused(reason, this::open);

        assertThat(types()).filteredOn(AuditEvent.Type.ROOT_CREATED::equals).hasSize(1);
        assertThat(vault.find(key)).isEmpty();
    }

    @Test
    void aRootKeyOfAnotherRootIsRefused() throws Exception {
        open();
        vault.destroy("root-1");
        vault.create("root-1");

        refused(Reason.ROOT_KEY_MISMATCH, this::open);
    }

    @Test
    void everyDamageToTheJournalIsRefused() throws Exception {
        open();
        AuthorityJournal.State good = journal.load().orElseThrow();
        byte[] payload = good.bundlePayload();
        for (int i = 0; i < payload.length; i += 7) {
            byte[] damaged = payload.clone();
            damaged[i] ^= 0x20;
            journal.force(Optional.of(state(good, good.epoch(), damaged, good.bundleSignature())));

            assertThatExceptionOfType(AuthorityRefused.class)
                    .as("byte " + i)
                    .isThrownBy(this::open);
        }
    }

    @Test
    void anotherSignatureEpochOrRootIsRefused() throws Exception {
        open();
        AuthorityJournal.State good = journal.load().orElseThrow();
        byte[] signature = good.bundleSignature().clone();
        signature[signature.length - 1] ^= 1;

        journal.force(Optional.of(state(good, 1, good.bundlePayload(), signature)));
        refused(Reason.JOURNAL_CORRUPT, this::open);
        journal.force(Optional.of(state(good, 2, good.bundlePayload(), good.bundleSignature())));
        refused(Reason.JOURNAL_CORRUPT, this::open);
        journal.force(
                Optional.of(
                        new AuthorityJournal.State(
                                1,
                                List.of(new byte[] {1}),
                                good.signingRoot(),
                                good.bundleKey(),
                                good.bundlePayload(),
                                good.bundleKeyId(),
                                good.bundleSignature(),
                                good.at())));
        refused(Reason.JOURNAL_CORRUPT, this::open);
    }

    @Test
    void theJournalOfAnotherTrustDomainIsRefused() throws Exception {
        open();

        refused(
                Reason.JOURNAL_OTHER_TRUST_DOMAIN,
                () -> open(vault, AuthoritySettings.defaults(new TrustDomain("other.example"))));
    }

    @Test
    void theIntermediateIsReplacedWithAThirdOfItsLifeRemaining() throws Exception {
        AuthorityRing ring = open();
        String first = ring.active().keyId();
        Duration life = Duration.ofHours(24).plus(Certifier.INTERMEDIATE_BACKDATE);
        Duration due = Duration.ofHours(24).minus(life.dividedBy(3));

        clock.advance(due.minusSeconds(1));
        ring.maintain(clock.instant());
        assertThat(ring.active().keyId()).isEqualTo(first);

        clock.advance(Duration.ofSeconds(1));
        ring.maintain(clock.instant());
        assertThat(ring.active().keyId()).isNotEqualTo(first);
        assertThat(ring.active().latestNotAfter())
                .isEqualTo(clock.instant().plus(Duration.ofHours(24)));
    }

    @Test
    void plansUnderWayAreSignedByTheAuthorityTheyWereMadeFor() throws Exception {
        AuthorityRing ring = open();
        clock.advance(Duration.ofHours(20));
        CertificatePlan underWay = plan(ring);

        ring.maintain(clock.instant());

        assertThat(ring.active().certificate()).isNotEqualTo(underWay.issuer());
        X509Certificate leaf = sign(ring, underWay);
        leaf.verify(underWay.issuer().getPublicKey());
    }

    @Test
    void anExpiredAuthorityIsForgottenWithItsKey() throws Exception {
        MemoryKeyVault intermediates = new MemoryKeyVault(random);
        AuthorityRing ring = open(vault, AuthoritySettings.defaults(DOMAIN), intermediates);
        CertificatePlan old = plan(ring);
        clock.advance(Duration.ofHours(20));
        ring.maintain(clock.instant());
        clock.advance(Duration.ofHours(20));
        ring.maintain(clock.instant());

        refused(Reason.ISSUER_UNKNOWN, () -> sign(ring, old));
    }

    @Test
    void aClockThatJumpsForwardGetsANewIntermediateAtOnce() throws Exception {
        AuthorityRing ring = open();
        String first = ring.active().keyId();

        clock.advance(Duration.ofDays(30));

        assertThat(ring.active().keyId()).isNotEqualTo(first);
        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void aClockThatJumpsBackGetsANewIntermediateAtOnce() throws Exception {
        AuthorityRing ring = open();
        String first = ring.active().keyId();

        clock.advance(Duration.ofMinutes(-30));

        assertThat(ring.active().keyId()).isNotEqualTo(first);
        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void aClockSetBackALittleChangesNothing() throws Exception {
        AuthorityRing ring = open();
        String first = ring.active().keyId();

        clock.advance(Duration.ofMinutes(-4));

        assertThat(ring.active().keyId()).isEqualTo(first);
        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void aClockBeforeTheRootIsRefused() throws Exception {
        AuthorityRing ring = open();

        clock.advance(Duration.ofHours(-3));

        refused(Reason.ROOT_NOT_YET_VALID, ring::active);
    }

    @Test
    void anExpiredRootSignsNothing() throws Exception {
        AuthorityRing ring = open();
        CertificatePlan plan = plan(ring);

        clock.advance(Duration.ofDays(3650));

        refused(Reason.ROOT_EXPIRED, ring::active);
        refused(Reason.ROOT_EXPIRED, this::open);
        refused(Reason.ISSUER_EXPIRED, () -> sign(ring, plan));
    }

    @Test
    void nothingOutlivesTheRoot() throws Exception {
        AuthoritySettings hourly =
                new AuthoritySettings(
                        DOMAIN, Duration.ofHours(30), Duration.ofHours(24), Duration.ofDays(7));
        AuthorityRing ring = open(vault, hourly);
        Instant rootEnd = ring.bundle().roots().getFirst().getNotAfter().toInstant();

        clock.advance(Duration.ofHours(28));

        assertThat(ring.active().latestNotAfter()).isEqualTo(rootEnd);
        assertThat(ring.active().certificate().getNotAfter().toInstant()).isEqualTo(rootEnd);
        String last = ring.active().keyId();
        clock.advance(Duration.ofMinutes(90));
        ring.maintain(clock.instant());
        assertThat(ring.active().keyId()).isEqualTo(last);
    }

    @Test
    void signingOutsideTheIssuersValidityIsRefused() throws Exception {
        AuthorityRing ring = open();
        LintedCertificate linted = lint(plan(ring));

        clock.advance(Duration.ofHours(25));
        refused(Reason.ISSUER_EXPIRED, () -> ring.sign(linted));
        clock.advance(Duration.ofHours(-26));
        refused(Reason.ISSUER_NOT_YET_VALID, () -> ring.sign(linted));
    }

    @Test
    void aProofIsSignedOnce() throws Exception {
        AuthorityRing ring = open();
        LintedCertificate linted = lint(plan(ring));
        ring.sign(linted);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> ring.sign(linted))
                .withMessageContaining("used before");
    }

    @Test
    void issuersOfOthersAreRefused() throws Exception {
        AuthorityRing ring = open();
        AuthorityRing other = open();

        refused(Reason.ISSUER_UNKNOWN, () -> sign(ring, plan(other)));
    }

    @Test
    void theBundleIsIssuedAnewWithAThirdOfItsLifeRemaining() throws Exception {
        AuthorityRing ring = open();
        AtomicInteger told = new AtomicInteger();
        ring.onChange(told::incrementAndGet);
        Duration due = Duration.ofDays(7).multipliedBy(2).dividedBy(3);

        clock.advance(due.minusSeconds(1));
        ring.maintain(clock.instant());
        assertThat(ring.epoch()).isEqualTo(1);
        assertThat(told).hasValue(0);

        clock.advance(Duration.ofSeconds(2));
        ring.maintain(clock.instant());
        assertThat(ring.epoch()).isEqualTo(2);
        assertThat(told).hasValue(1);
        assertThat(ring.bundle().roots()).hasSize(1);
        assertThat(ring.bundle().expires()).isAfter(clock.instant().plus(Duration.ofDays(6)));
        assertThat(types().getLast()).isNotEqualTo(AuditEvent.Type.ROOT_CREATED);
        assertThat(types()).filteredOn(AuditEvent.Type.BUNDLE_PUBLISHED::equals).hasSize(2);
    }

    @Test
    void aListenerThatFailsHoldsNobodyUp() throws Exception {
        AuthorityRing ring = open();
        AtomicInteger told = new AtomicInteger();
        ring.onChange(() -> {
            throw new IllegalStateException("listener");
        });
        ring.onChange(told::incrementAndGet);

        clock.advance(Duration.ofDays(6));
        ring.maintain(clock.instant());

        assertThat(told).hasValue(1);
    }

    @Test
    void anEpochOfAnotherReplicaIsTakenOver() throws Exception {
        AuthorityRing ring = open();
        AuthorityRing other = open();
        AtomicInteger told = new AtomicInteger();
        other.onChange(told::incrementAndGet);
        clock.advance(Duration.ofDays(6));
        ring.maintain(clock.instant());

        other.maintain(clock.instant());

        assertThat(other.epoch()).isEqualTo(2);
        assertThat(other.bundle()).isEqualTo(ring.bundle());
        assertThat(told).hasValue(1);
    }

    @Test
    void ofTwoReplicasThatIssueTheBundleOnlyOneWins() throws Exception {
        AuthorityRing ring = open();
        AuthorityRing other = open();
        clock.advance(Duration.ofDays(6));
        journal.beforeNextReplace(() -> other.maintain(clock.instant()));

        ring.maintain(clock.instant());

        assertThat(ring.epoch()).isEqualTo(2);
        assertThat(ring.signedBundle()).isEqualTo(other.signedBundle());
    }

    @Test
    void aJournalThatWentBackIsRefusedAndSigningGoesOn() throws Exception {
        AuthorityRing ring = open();
        AuthorityJournal.State first = journal.load().orElseThrow();
        clock.advance(Duration.ofDays(6));
        ring.maintain(clock.instant());

        journal.force(Optional.of(first));
        refused(Reason.JOURNAL_WENT_BACK, () -> ring.maintain(clock.instant()));
        journal.force(Optional.empty());
        refused(Reason.JOURNAL_WENT_BACK, () -> ring.maintain(clock.instant()));

        assertThat(ring.epoch()).isEqualTo(2);
        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void aStoreThatIsAwayDoesNotKeepTheIntermediateFromBeingReplaced() throws Exception {
        AuthorityRing ring = open();
        String first = ring.active().keyId();
        clock.advance(Duration.ofHours(20));
        journal.setUnavailable(true);

        refused(Reason.JOURNAL_UNAVAILABLE, () -> ring.maintain(clock.instant()));

        assertThat(ring.active().keyId()).isNotEqualTo(first);
    }

    @Test
    void withoutALogNoIntermediateIsMadeAndTheOldOneGoesOn() throws Exception {
        AuthorityRing ring = open();
        String first = ring.active().keyId();
        clock.advance(Duration.ofHours(20));
        audit.failWith("disk full");

        refused(Reason.AUDIT_UNAVAILABLE, () -> ring.maintain(clock.instant()));

        assertThat(ring.active().keyId()).isEqualTo(first);
        assertThat(signAndVerify(ring, ring)).isEqualTo(CART);
    }

    @Test
    void keysOfAuthoritiesAreKnownAsSuch() throws Exception {
        AuthorityRing ring = open();

        X509Certificate root = ring.bundle().roots().getFirst();
        assertThat(ring.isAuthorityKey(hash(root))).isTrue();
        assertThat(ring.isAuthorityKey(hash(ring.active().certificate()))).isTrue();
        assertThat(ring.isAuthorityKey(ring.keyId())).isTrue();
        assertThat(ring.isAuthorityKey("00")).isFalse();
    }

    @Test
    void onlyTheOwnTrustDomainHasABundle() throws Exception {
        AuthorityRing ring = open();

        assertThat(ring.bundle(DOMAIN)).contains(ring.bundle());
        assertThat(ring.bundle(new TrustDomain("other.example"))).isEmpty();
    }

    private AuthorityRing open() throws Exception {
        return open(vault);
    }

    private AuthorityRing open(KeyVault keys) throws Exception {
        return open(keys, AuthoritySettings.defaults(DOMAIN));
    }

    private AuthorityRing open(KeyVault keys, AuthoritySettings settings) throws Exception {
        return open(keys, settings, new MemoryKeyVault(random));
    }

    private AuthorityRing open(KeyVault keys, AuthoritySettings settings, KeyVault intermediates)
            throws Exception {
        return AuthorityRing.open(
                new AuthorityRing.Parts(settings, keys, intermediates, journal, audit, assembler),
                clock,
                random);
    }

    private AuthorityRing openUnchecked() {
        try {
            return open();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private CertificatePlan plan(AuthorityRing ring) throws Exception {
        return new CertificatePlan(
                SerialNumbers.next(random),
                CART,
                List.of(),
                LocalKey.generate(random).publicKey().getEncoded(),
                clock.instant().minus(LintProfile.BACKDATE),
                clock.instant().plus(Duration.ofMinutes(30)),
                ring.active().certificate());
    }

    private LintedCertificate lint(CertificatePlan plan) throws Exception {
        return linter.lint(assembler.toBeSigned(plan), plan);
    }

    private X509Certificate sign(AuthorityRing ring, CertificatePlan plan) throws Exception {
        return ring.sign(lint(plan));
    }

    /** Signs a leaf by one ring and verifies it by the bundle of another. */
    private SpiffeId signAndVerify(AuthorityRing signer, AuthorityRing verifier) throws Exception {
        X509Certificate leaf = sign(signer, plan(signer));
        return new SvidVerifier(verifier, clock)
                .verify(List.of(leaf, signer.active().certificate()))
                .id();
    }

    private List<AuditEvent.Type> types() {
        return audit.events().stream().map(AuditEvent::type).toList();
    }

    private static String hash(X509Certificate certificate) {
        return KeyIds.sha256(certificate.getPublicKey().getEncoded());
    }

    private static AuthorityJournal.State state(
            AuthorityJournal.State good, long epoch, byte[] payload, byte[] signature) {
        return new AuthorityJournal.State(
                epoch,
                good.roots(),
                good.signingRoot(),
                good.bundleKey(),
                payload,
                good.bundleKeyId(),
                signature,
                good.at());
    }

    private static void refused(
            Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatExceptionOfType(AuthorityRefused.class)
                .isThrownBy(action)
                .withMessageContaining("(expected: ")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
