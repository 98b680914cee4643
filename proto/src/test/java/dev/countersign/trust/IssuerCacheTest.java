package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.identity.TrustDomain;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the verifier remembers saves arithmetic and nothing else. */
final class IssuerCacheTest {
    private static final String WEB = "/ns/shop/sa/web";

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("test.example", clock, 1);
    private final TestAuthority other = TestAuthority.create("other.example", clock, 2);
    private final Bundles bundles = new Bundles();
    private final AtomicInteger verifications = new AtomicInteger();
    private final SvidVerifier verifier = new SvidVerifier(bundles, clock, this::counted);

    IssuerCacheTest() {
        bundles.set(authority.bundle());
        bundles.set(other.bundle());
    }

    @Test
    void aKnownIntermediateLeavesExactlyOneSignatureToVerify() throws TrustRefused {
        verifier.verify(authority.leaf(WEB).build().chain());
        assertThat(verifications.getAndSet(0)).isEqualTo(2);

        verifier.verify(authority.leaf("/ns/shop/sa/orders").build().chain());

        assertThat(verifications).hasValue(1);
    }

    @Test
    void theVeryChainOfBeforeLeavesNoSignatureToVerify() throws TrustRefused {
        TestCertificate web = authority.leaf(WEB).build();
        VerifiedPeer first = verifier.verify(web.chain());
        verifications.set(0);

        VerifiedPeer again = verifier.verify(web.chain());

        assertThat(verifications).hasValue(0);
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.serial()).isEqualTo(first.serial());
        assertThat(again.rootKeyId()).isEqualTo(first.rootKeyId());
        assertThat(again.bundleEpoch()).isEqualTo(first.bundleEpoch());
    }

    @Test
    void aKnownLeafWithAnythingElseBehindItIsVerifiedAnew() throws TrustRefused {
        TestCertificate web = authority.leaf(WEB).build();
        verifier.verify(web.chain());
        verifications.set(0);

        List<X509Certificate> longer = new ArrayList<>(web.chain());
        longer.add(other.root().certificate());
        verifier.verify(longer);
        assertThat(verifications).hasValue(1);

        TrustRefused alone =
                catchThrowableOfType(
                        TrustRefused.class, () -> verifier.verify(List.of(web.certificate())));
        assertThat(alone.refusal()).isEqualTo(Refusal.UNTRUSTED_ISSUER);
    }

    @Test
    void aKnownLeafIsRefusedOnceItHasExpiredAndWhenTheClockGoesBackBeforeIt() throws TrustRefused {
        Instant now = clock.instant();
        TestCertificate web =
                authority.leaf(WEB).validity(now.minusSeconds(60), now.plusSeconds(600)).build();
        verifier.verify(web.chain());

        clock.set(now.plusSeconds(601));
        assertThat(refusalOf(web)).isEqualTo(Refusal.EXPIRED);
        clock.set(now.minusSeconds(61));
        assertThat(refusalOf(web)).isEqualTo(Refusal.NOT_YET_VALID);
    }

    @Test
    void theNumberOfKnownChainsIsBounded() throws TrustRefused {
        IssuerCache.Generation generation = new IssuerCache().at(1);
        VerifiedPeer peer = verifier.verify(authority.leaf(WEB).build().chain());

        for (int i = 0; i < 3 * IssuerCache.MAX_PEERS; i++) {
            generation.remember(
                    new KnownPeer(
                            List.of(Integer.toString(i).getBytes(StandardCharsets.UTF_8)),
                            peer,
                            Instant.MIN,
                            Instant.MAX));
        }

        assertThat(generation.peers()).isBetween(1, IssuerCache.MAX_PEERS);
    }

    @Test
    void aChangeOfAnyBundleForgetsEverything() throws TrustRefused {
        TestCertificate web = authority.leaf(WEB).build();
        verifier.verify(web.chain());
        verifications.set(0);

        bundles.set(other.bundle(2, other.root()));
        verifier.verify(web.chain());

        assertThat(verifications).hasValue(2);
    }

    @Test
    void anIntermediateUnderARemovedRootIsRefused() throws TrustRefused {
        TestCertificate web = authority.leaf(WEB).build();
        verifier.verify(web.chain());

        bundles.set(authority.bundle(2, authority.newRoot().build()));

        assertThat(refusalOf(web)).isEqualTo(Refusal.UNTRUSTED_ISSUER);
    }

    @Test
    void anIntermediateKnownInOneTrustDomainIsUnknownInAnother() throws TrustRefused {
        // given: no SPIFFE ID in the intermediate, so that nothing but the bundle tells domains
        // apart
        TestCertificate intermediate = other.newIntermediate(other.root()).uris().build();
        verifier.verify(other.leaf(WEB).issuedBy(intermediate).build().chain());

        // when: it signs for a trust domain that is not its own
        TestCertificate posing =
                other.leaf(WEB).uris("spiffe://test.example" + WEB).issuedBy(intermediate).build();

        // then
        assertThat(refusalOf(posing)).isEqualTo(Refusal.UNTRUSTED_ISSUER);
    }

    @Test
    void aKnownIntermediateIsRefusedOnceItHasExpired() throws TrustRefused {
        TestCertificate web = authority.leaf(WEB).life(Duration.ofDays(3)).build();
        verifier.verify(web.chain());

        clock.advance(Duration.ofDays(2));

        assertThat(refusalOf(web)).isEqualTo(Refusal.EXPIRED);
    }

    @Test
    void aKnownIntermediateIsRefusedOnceItsRootHasExpired() throws TrustRefused {
        TestCertificate root = authority.newRoot().life(Duration.ofHours(1)).build();
        TestCertificate intermediate =
                authority.newIntermediate(root).life(Duration.ofDays(9)).build();
        TestCertificate web =
                authority.leaf(WEB).issuedBy(intermediate).life(Duration.ofDays(3)).build();
        bundles.set(authority.bundle(2, root));
        verifier.verify(web.chain());

        clock.advance(Duration.ofHours(2));

        assertThat(refusalOf(web)).isEqualTo(Refusal.EXPIRED);
    }

    @Test
    void aKnownIntermediateIsRefusedWhenTheClockGoesBackBeforeItsRoot() throws TrustRefused {
        // given: a root that is younger than what it signed
        Instant now = clock.instant();
        TestCertificate root =
                authority.newRoot().validity(now.minusSeconds(60), now.plusSeconds(9999)).build();
        TestCertificate intermediate =
                authority
                        .newIntermediate(root)
                        .validity(now.minusSeconds(9000), now.plusSeconds(9000))
                        .build();
        TestCertificate web =
                authority
                        .leaf(WEB)
                        .issuedBy(intermediate)
                        .validity(now.minusSeconds(9000), now.plusSeconds(9000))
                        .build();
        bundles.set(authority.bundle(2, root));
        verifier.verify(web.chain());

        clock.set(now.minusSeconds(600));

        assertThat(refusalOf(web)).isEqualTo(Refusal.NOT_YET_VALID);
    }

    @Test
    void aKnownIntermediateStillHasItsLeavesCheckedAgainstItsConstraints() throws TrustRefused {
        TestCertificate intermediate =
                authority.newIntermediate(authority.root()).permittedDns("shop.svc").build();
        verifier.verify(authority.leaf(WEB).issuedBy(intermediate).build().chain());

        TestCertificate named = authority.leaf(WEB).dns("web").issuedBy(intermediate).build();

        assertThat(refusalOf(named)).isEqualTo(Refusal.NAME_CONSTRAINTS);
    }

    @Test
    void aKnownIntermediateStillMayNotHaveAnotherBelowIt() throws TrustRefused {
        verifier.verify(authority.leaf(WEB).build().chain());

        TestCertificate below = authority.newIntermediate(authority.intermediate()).build();

        assertThat(refusalOf(authority.leaf(WEB).issuedBy(below).build()))
                .isEqualTo(Refusal.ISSUER_PATH_LENGTH);
    }

    @Test
    void strangersLeaveNothingBehind() throws TrustRefused {
        // given
        TestAuthority stranger = TestAuthority.create("test.example", clock, 9);
        IssuerCache cache = new IssuerCache();

        // when: a chain of the stranger's fails against our bundle
        TestCertificate web = stranger.leaf(WEB).build();
        PathBuilder path =
                new PathBuilder(
                        authority.bundle(),
                        cache.at(1),
                        new Validity(clock.instant()),
                        NativeCrypto::verify,
                        web.chain());
        CertificateFacts leaf = CertificateFacts.read(web.certificate(), "leaf");
        TrustRefused refused = catchThrowableOfType(TrustRefused.class, () -> path.verify(leaf));

        // then
        assertThat(refused.refusal()).isEqualTo(Refusal.UNTRUSTED_ISSUER);
        assertThat(cache.at(1).size()).isZero();
    }

    @Test
    void theNumberOfKnownIssuersIsBounded() throws TrustRefused {
        IssuerCache.Generation generation = new IssuerCache().at(1);
        CertificateFacts root = CertificateFacts.read(authority.root().certificate(), "root");
        TrustedIssuer issuer = TrustedIssuer.root(root);

        for (int i = 0; i < 3 * IssuerCache.MAX_ISSUERS; i++) {
            String hash = Integer.toHexString(i);
            generation.remember(new IssuerCache.Key(authority.trustDomain(), hash), issuer);
        }

        assertThat(generation.size()).isBetween(1, IssuerCache.MAX_ISSUERS);
    }

    private Refusal refusalOf(TestCertificate leaf) {
        return catchThrowableOfType(TrustRefused.class, () -> verifier.verify(leaf.chain()))
                .refusal();
    }

    private boolean counted(String algorithm, PublicKey key, byte[] signature, byte[]... parts) {
        verifications.incrementAndGet();
        return NativeCrypto.verify(algorithm, key, signature, parts);
    }

    private static final class Bundles implements TrustBundles {
        private final Map<TrustDomain, TrustBundle> bundles = new ConcurrentHashMap<>();
        private final AtomicLong epoch = new AtomicLong();

        void set(TrustBundle bundle) {
            bundles.put(bundle.trustDomain(), bundle);
            epoch.incrementAndGet();
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return Optional.ofNullable(bundles.get(trustDomain));
        }

        @Override
        public long epoch() {
            return epoch.get();
        }
    }
}
