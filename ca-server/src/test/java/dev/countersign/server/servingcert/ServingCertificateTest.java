package dev.countersign.server.servingcert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.issuance.ReservedNameRefused.Reason;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.servingcert.ServingCertificate.Held;
import dev.countersign.server.testing.InMemoryAuditTrail;
import dev.countersign.server.testing.InMemoryAuthorityJournal;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class ServingCertificateTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");

    private final SecureRandom random = new SecureRandom();
    private final MutableClock clock = MutableClock.create();
    private final InMemoryAuditTrail audit = new InMemoryAuditTrail();
    private final CertificateAssembler assembler = new CertificateAssembler();

    @Test
    void agentsBelieveItAsTheServer() throws Exception {
        AuthorityRing ring = ring(AuthoritySettings.defaults(DOMAIN));

        Held held = serving(ring).current();

        assertThat(new SvidVerifier(ring, clock).verify(held.chain()).id())
                .isEqualTo(WellKnownIds.caServer(DOMAIN));
        assertThat(held.chain()).hasSize(2);
        assertThat(held.chain().getFirst().getSubjectAlternativeNames())
                .containsExactly(List.of(6, "spiffe://prod.example/countersign/ca-server"));
    }

    @Test
    void keyAndCertificateBelongTogether() throws Exception {
        Held held = serving(ring(AuthoritySettings.defaults(DOMAIN))).current();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(held.key());
        signature.update(new byte[] {1});
        byte[] signed = signature.sign();

        signature.initVerify(held.chain().getFirst().getPublicKey());
        signature.update(new byte[] {1});

        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void theLogKnowsItLikeAnyOther() throws Exception {
        Held held = serving(ring(AuthoritySettings.defaults(DOMAIN))).current();

        List<IssuanceLedger.Entry> entries =
                audit.certificates(Optional.empty(), Optional.empty(), Long.MAX_VALUE, 10);

        assertThat(entries).hasSize(1);
        assertThat(entries.getFirst().outcome()).isEqualTo(IssuanceLedger.Outcome.ISSUED);
        assertThat(entries.getFirst().intent().serial())
                .isEqualTo(held.chain().getFirst().getSerialNumber().toString(16));
    }

    @Test
    void itIsReplacedAtHalfOfItsLifeWithANewKey() throws Exception {
        ServingCertificate serving = serving(ring(AuthoritySettings.defaults(DOMAIN)));
        AtomicInteger told = new AtomicInteger();
        serving.onChange(told::incrementAndGet);
        Held first = serving.current();

        clock.advance(ServingCertificate.DEFAULT_LIFE.dividedBy(2).minusSeconds(1));
        serving.maintain(clock.instant());
        assertThat(serving.current()).isSameAs(first);
        assertThat(told).hasValue(0);

        clock.advance(Duration.ofSeconds(1));
        serving.maintain(clock.instant());
        assertThat(leaf(serving)).isNotEqualTo(first.chain().getFirst());
        assertThat(leaf(serving).getPublicKey())
                .isNotEqualTo(first.chain().getFirst().getPublicKey());
        assertThat(told).hasValue(1);
    }

    @Test
    void itNeverOutlivesItsAuthority() throws Exception {
        AuthoritySettings shortAuthority =
                new AuthoritySettings(
                        DOMAIN, Duration.ofDays(1), Duration.ofHours(2), Duration.ofDays(7));
        AuthorityRing ring = ring(shortAuthority);

        ServingCertificate serving = serving(ring);

        assertThat(leaf(serving).getNotAfter().toInstant())
                .isEqualTo(ring.active().latestNotAfter());
    }

    @Test
    void clocksThatJumpGetANewOne() throws Exception {
        ServingCertificate serving = serving(ring(AuthoritySettings.defaults(DOMAIN)));
        X509Certificate first = leaf(serving);

        clock.advance(Duration.ofDays(20));
        serving.maintain(clock.instant());
        X509Certificate second = leaf(serving);
        clock.advance(Duration.ofDays(-20).minusMinutes(30));
        serving.maintain(clock.instant());

        assertThat(second).isNotEqualTo(first);
        assertThat(leaf(serving)).isNotEqualTo(second);
        leaf(serving).checkValidity(java.util.Date.from(clock.instant()));
    }

    @Test
    void oneThatTheBundleNoLongerBelievesIsDueAtOnce() throws Exception {
        AuthorityRing ring = ring(AuthoritySettings.defaults(DOMAIN));
        Switched believed = new Switched(ring);
        ServingCertificate serving = serving(ring, new SvidVerifier(believed, clock));
        X509Certificate first = leaf(serving);

        TestAuthority other = TestAuthority.create(DOMAIN.name(), clock, 7);
        believed.current = TrustBundles.fixed(other.bundle(2, other.root()));

        refused(Reason.NOT_BELIEVED, () -> serving.maintain(clock.instant()));
        assertThat(leaf(serving)).isEqualTo(first);
    }

    @Test
    void withoutALogNothingIsSignedAndTheOldOneStays() throws Exception {
        ServingCertificate serving = serving(ring(AuthoritySettings.defaults(DOMAIN)));
        X509Certificate first = leaf(serving);
        clock.advance(Duration.ofHours(7));
        audit.failWith("disk full");

        refused(Reason.LOG_UNAVAILABLE, () -> serving.maintain(clock.instant()));

        assertThat(leaf(serving)).isEqualTo(first);
        assertThat(audit.issuedCount()).isEqualTo(1);
    }

    @Test
    void anAuthorityAboutToEndIsRefused() throws Exception {
        AuthoritySettings shortRoot =
                new AuthoritySettings(
                        DOMAIN, Duration.ofHours(3), Duration.ofHours(2), Duration.ofDays(7));
        AuthorityRing ring = ring(shortRoot);

        clock.advance(Duration.ofHours(3).minusSeconds(59));

        refused(Reason.AUTHORITY_EXPIRING, () -> serving(ring));
    }

    @Test
    void printingItTellsNoKey() throws Exception {
        Held held = serving(ring(AuthoritySettings.defaults(DOMAIN))).current();

        assertThat(held.toString())
                .isEqualTo(
                        "Held[serial "
                                + held.chain().getFirst().getSerialNumber().toString(16)
                                + "]");
    }

    private ServingCertificate serving(AuthorityRing ring) {
        return serving(ring, new SvidVerifier(ring, clock));
    }

    private ServingCertificate serving(AuthorityRing ring, SvidVerifier verifier) {
        return ServingCertificate.issue(
                new ServingCertificate.Parts(DOMAIN, ring, assembler, audit, verifier),
                clock,
                random);
    }

    private AuthorityRing ring(AuthoritySettings settings) throws Exception {
        return AuthorityRing.open(
                new AuthorityRing.Parts(
                        settings,
                        new MemoryKeyVault(random),
                        new MemoryKeyVault(random),
                        new InMemoryAuthorityJournal(),
                        audit,
                        assembler),
                clock,
                random);
    }

    private static X509Certificate leaf(ServingCertificate serving) {
        return serving.current().chain().getFirst();
    }

    private static void refused(Reason reason, ThrowingCallable action) {
        assertThatExceptionOfType(ServingRefused.class)
                .isThrownBy(action)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    /** Bundles that a test exchanges; the epoch tells the verifier. */
    private static final class Switched implements TrustBundles {
        private volatile TrustBundles current;

        Switched(TrustBundles first) {
            current = first;
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return current.bundle(trustDomain);
        }

        @Override
        public long epoch() {
            return current.epoch();
        }
    }
}
