package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.testing.TestCertificateBuilder;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every rule of X509-SVID and RFC 5280 that a consumer must keep; numbers in comments are those of
 * the project's list of SPIFFE rules.
 */
final class SvidVerifierTest {
    private static final MutableClock CLOCK = MutableClock.create();
    private static final Instant NOW = MutableClock.START;
    private static final TestAuthority AUTHORITY = TestAuthority.create("test.example", CLOCK, 1);
    private static final TestAuthority OTHER = TestAuthority.create("other.example", CLOCK, 2);
    private static final String WEB = "/ns/shop/sa/web";
    private static final SpiffeId WEB_ID = new SpiffeId(AUTHORITY.trustDomain(), WEB);

    private final SvidVerifier verifier =
            new SvidVerifier(TrustBundles.fixed(AUTHORITY.bundle()), CLOCK);

    @Nested
    final class Accepts {
        @Test
        void aLeafUnderAnIntermediateAndSaysWhoItIs() throws TrustRefused {
            TestCertificate web = AUTHORITY.leaf(WEB).serial(new BigInteger("0a1b2c", 16)).build();

            VerifiedPeer peer = verifier.verify(web.chain());

            assertThat(peer.id()).isEqualTo(WEB_ID);
            assertThat(peer.serial()).isEqualTo("a1b2c");
            assertThat(peer.notAfter()).isEqualTo(NOW.plus(Duration.ofHours(1)));
            assertThat(peer.bundleEpoch()).isEqualTo(1);
            assertThat(peer.issuerKeyId()).isEqualTo(subjectKeyId(AUTHORITY.intermediate()));
        }

        @Test
        void aChainThatIncludesTheRoot() throws TrustRefused {
            assertThat(verifier.verify(AUTHORITY.leaf(WEB).build().chainWithRoot()).id())
                    .isEqualTo(WEB_ID);
        }

        @Test
        void aLeafSignedByTheRootItself() throws TrustRefused {
            TestCertificate web = AUTHORITY.leaf(WEB).issuedBy(AUTHORITY.root()).build();

            assertThat(verifier.verify(web.chain()).id()).isEqualTo(WEB_ID);
        }

        @Test
        void otherNamesBesideTheOneUri() throws TrustRefused {
            // 18: exactly one URI SAN; any number of other SAN types
            TestCertificate web =
                    AUTHORITY.leaf(WEB).dns("web.shop.svc", "web").subject("CN=web").build();

            assertThat(verifier.verify(web.chain()).id()).isEqualTo(WEB_ID);
        }

        @Test
        void aLeafWithoutExtendedKeyUsageOrBasicConstraintsOrKeyIds() throws TrustRefused {
            TestCertificate web =
                    AUTHORITY
                            .leaf(WEB)
                            .extendedKeyUsage()
                            .withoutBasicConstraints()
                            .withoutKeyIds()
                            .build();

            VerifiedPeer peer = verifier.verify(web.chain());

            assertThat(peer.issuerKeyId()).isEmpty();
        }

        @Test
        void keyAgreementAndKeyEnciphermentBesideDigitalSignature() throws TrustRefused {
            // 28
            int bits = KeyUsage.digitalSignature | KeyUsage.keyAgreement | KeyUsage.keyEncipherment;

            assertThat(verifier.verify(AUTHORITY.leaf(WEB).keyUsage(bits).build().chain()).id())
                    .isEqualTo(WEB_ID);
        }

        @ParameterizedTest
        @ValueSource(strings = {"my_td.example", "1.2.3", "10.0.0.1", "abc-", "a..b", "-a", "_"})
        void trustDomainsThatAreNotHostNames(String name) throws TrustRefused {
            // 6, 8: legal, and java.net.URI has no host for most of them
            TestAuthority odd = TestAuthority.create(name, CLOCK, 3);
            SvidVerifier oddVerifier = new SvidVerifier(TrustBundles.fixed(odd.bundle()), CLOCK);

            VerifiedPeer peer = oddVerifier.verify(odd.leaf("/A.b-c_D").build().chain());

            assertThat(peer.id().toString()).isEqualTo("spiffe://" + name + "/A.b-c_D");
        }

        @Test
        void anIdOf2048Bytes() throws TrustRefused {
            // 13
            String prefix = "spiffe://test.example/";
            String id = prefix + "p".repeat(SpiffeId.MAX_LENGTH - prefix.length());

            VerifiedPeer peer = verifier.verify(AUTHORITY.leaf(WEB).uris(id).build().chain());

            assertThat(peer.id().toString()).hasSize(2048);
        }

        @Test
        void schemeAndTrustDomainInAnyCase() throws TrustRefused {
            // 1, 5
            String id = "SPIFFE://Test.EXAMPLE/ns/shop/sa/web";

            assertThat(verifier.verify(AUTHORITY.leaf(WEB).uris(id).build().chain()).id())
                    .isEqualTo(WEB_ID);
        }

        @ParameterizedTest
        @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1", "Ed25519", "RSA-2048"})
        void everyAllowedKindOfKeyInLeafAndIssuer(String kind) throws TrustRefused {
            TestCertificate issuer =
                    AUTHORITY.newIntermediate(AUTHORITY.root()).keyKind(kind).build();
            TestCertificate web = AUTHORITY.leaf(WEB).keyKind(kind).issuedBy(issuer).build();

            assertThat(verifier.verify(web.chain()).id()).isEqualTo(WEB_ID);
        }

        @Test
        void aPathOfFiveCertificatesWhenEveryPathLengthAllowsIt() throws TrustRefused {
            TestCertificate one = AUTHORITY.newIntermediate(AUTHORITY.root()).pathLength(2).build();
            TestCertificate two = AUTHORITY.newIntermediate(one).pathLength(1).build();
            TestCertificate three = AUTHORITY.newIntermediate(two).pathLength(0).build();
            TestCertificate web = AUTHORITY.leaf(WEB).issuedBy(three).build();

            assertThat(web.chainWithRoot()).hasSize(SvidVerifier.MAX_CHAIN);
            assertThat(verifier.verify(web.chainWithRoot()).id()).isEqualTo(WEB_ID);
        }

        @Test
        void aPathThroughACrossSignedRootEitherWay() throws TrustRefused {
            // given: B is the new root, cross-signed by A; leaves come from B
            TestCertificate b = AUTHORITY.newRoot().build();
            KeyPair keyOfB = new KeyPair(b.certificate().getPublicKey(), b.key());
            TestCertificate crossed =
                    AUTHORITY
                            .newIntermediate(AUTHORITY.root())
                            .subject("CN=to be replaced")
                            .subject(b.certificate().getSubjectX500Principal().getName())
                            .keyPair(keyOfB)
                            .pathLength(1)
                            .build();
            TestCertificate intermediate = AUTHORITY.newIntermediate(crossed).build();
            TestCertificate web = AUTHORITY.leaf(WEB).issuedBy(intermediate).build();
            SvidVerifier trustsB =
                    new SvidVerifier(TrustBundles.fixed(AUTHORITY.bundle(2, b)), CLOCK);

            // then: who trusts A goes through the cross-signature, who trusts B stops before it
            assertThat(verifier.verify(web.chain()).id()).isEqualTo(WEB_ID);
            assertThat(trustsB.verify(web.chain()).id()).isEqualTo(WEB_ID);

            // and: the proof says which of the two was needed; with both at hand, the nearer
            SvidVerifier trustsBoth =
                    new SvidVerifier(
                            TrustBundles.fixed(AUTHORITY.bundle(3, AUTHORITY.root(), b)), CLOCK);
            String keyIdOfA = verifier.verify(web.chain()).rootKeyId();
            String keyIdOfB = trustsB.verify(web.chain()).rootKeyId();
            assertThat(keyIdOfA).matches("[0-9a-f]{40}").isNotEqualTo(keyIdOfB);
            assertThat(trustsBoth.verify(web.chain()).rootKeyId()).isEqualTo(keyIdOfB);
        }

        @Test
        void aRootRenewedWithTheSameKeyWhileTheExpiredOneIsStillListed() throws TrustRefused {
            TestCertificate renewed = AUTHORITY.root();
            TestCertificate expired = expiredTwinOf(renewed);
            SvidVerifier both =
                    new SvidVerifier(
                            TrustBundles.fixed(AUTHORITY.bundle(1, expired, renewed)), CLOCK);

            assertThat(both.verify(AUTHORITY.leaf(WEB).build().chain()).id()).isEqualTo(WEB_ID);
        }

        @Test
        void theExpectedPeer() throws TrustRefused {
            assertThat(verifier.verify(AUTHORITY.leaf(WEB).build().chain(), WEB_ID).id())
                    .isEqualTo(WEB_ID);
        }
    }

    @Nested
    final class RefusesAChain {
        @Test
        void empty() {
            assertRefused(Refusal.CHAIN_EMPTY, List.of());
        }

        @Test
        void ofSixCertificates() {
            X509Certificate leaf = AUTHORITY.leaf(WEB).build().certificate();

            assertRefused(Refusal.CHAIN_TOO_LONG, List.of(leaf, leaf, leaf, leaf, leaf, leaf));
        }

        @Test
        void whoseLeafIsTooLarge() {
            byte[] bulk = new byte[17 * 1024];

            assertRefused(
                    Refusal.CERTIFICATE_TOO_LARGE,
                    AUTHORITY.leaf(WEB).extension("1.3.6.1.4.1.99999.1", false, bulk));
        }

        @Test
        void whoseIssuerIsTooLarge() {
            TestCertificate issuer =
                    AUTHORITY
                            .newIntermediate(AUTHORITY.root())
                            .extension("1.3.6.1.4.1.99999.1", false, new byte[17 * 1024])
                            .build();

            assertRefused(Refusal.CERTIFICATE_TOO_LARGE, AUTHORITY.leaf(WEB).issuedBy(issuer));
        }

        @Test
        void ofAnotherTrustDomain() {
            // 17, 33
            assertRefused(Refusal.UNKNOWN_TRUST_DOMAIN, OTHER.leaf(WEB));
        }

        @Test
        void thatClaimsOurTrustDomainUnderAForeignRoot() {
            TestCertificate stolen = OTHER.leaf(WEB_ID).build();

            assertRefused(Refusal.UNTRUSTED_ISSUER, stolen.chain());
            assertRefused(Refusal.UNTRUSTED_ISSUER, stolen.chainWithRoot());
        }

        @Test
        void underAForgedRootOfTheSameName() {
            TestCertificate forged =
                    AUTHORITY
                            .newRoot()
                            .subject(
                                    AUTHORITY
                                            .root()
                                            .certificate()
                                            .getSubjectX500Principal()
                                            .getName())
                            .build();
            TestCertificate web = AUTHORITY.leaf(WEB).issuedBy(forged).build();

            assertRefused(Refusal.BAD_SIGNATURE, web.chain());
            assertRefused(Refusal.BAD_SIGNATURE, web.chainWithRoot());
        }

        @Test
        void whoseIntermediateIsMissing() {
            assertRefused(
                    Refusal.UNTRUSTED_ISSUER, List.of(AUTHORITY.leaf(WEB).build().certificate()));
        }

        @Test
        void whoseNextCertificateHasAnotherName() {
            assertRefused(
                    Refusal.UNTRUSTED_ISSUER, AUTHORITY.leaf(WEB).issuerName("CN=somebody else"));
        }

        @Test
        void thatIsASelfSignedLeaf() {
            TestCertificate alone =
                    AUTHORITY
                            .leaf(WEB)
                            .subject("CN=web")
                            .signedWith(AUTHORITY.root().key())
                            .issuerName("CN=web")
                            .build();

            assertRefused(Refusal.UNTRUSTED_ISSUER, List.of(alone.certificate()));
        }

        @Test
        void ofAnotherPeerThanExpected() {
            TestCertificate web = AUTHORITY.leaf(WEB).build();
            SpiffeId expected = new SpiffeId(AUTHORITY.trustDomain(), "/countersign/ca-server");

            TrustRefused refused =
                    catchThrowableOfType(
                            TrustRefused.class, () -> verifier.verify(web.chain(), expected));

            assertThat(refused.refusal()).isEqualTo(Refusal.UNEXPECTED_PEER);
            assertThat(refused).hasMessageContaining(expected.toString());
        }
    }

    @Nested
    final class RefusesALeaf {
        @Test
        void withoutAnyName() {
            assertRefused(Refusal.URI_SAN_MISSING, AUTHORITY.leaf(WEB).uris().subject("CN=web"));
        }

        @Test
        void withOnlyADnsName() {
            assertRefused(Refusal.URI_SAN_MISSING, AUTHORITY.leaf(WEB).uris().dns("web"));
        }

        @Test
        void withTwoSpiffeIds() {
            // 19
            assertRefused(
                    Refusal.URI_SAN_SEVERAL,
                    AUTHORITY.leaf(WEB).uris("spiffe://test.example/a", "spiffe://test.example/b"));
        }

        @Test
        void withTwoUrisOfWhichOneIsASpiffeId() {
            // 19
            assertRefused(
                    Refusal.URI_SAN_SEVERAL,
                    AUTHORITY.leaf(WEB).uris("spiffe://test.example/a", "https://test.example/a"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "spiffe:///a",
                    "spiffe://test.example:8080/a",
                    "spiffe://u@test.example/a",
                    "spiffe://test.example/a?x=1",
                    "spiffe://test.example/a?",
                    "spiffe://test.example/a#f",
                    "spiffe://test.example/%41",
                    "spiffe://test%2eexample/a",
                    "spiffe://test.example/a//b",
                    "spiffe://test.example/a/./b",
                    "spiffe://test.example/a/../b",
                    "spiffe://test.example/a/",
                    "spiffe://test.example/",
                    "spiffe://test.example/a!b",
                    "spiffe://t$d/a",
                    "http://test.example/a",
                    "spiffe:test.example/a"
                })
        void withAnIdThatBreaksTheRulesOfSpiffeIds(String uri) {
            // 1 to 12, 31
            assertRefused(Refusal.SPIFFE_ID_MALFORMED, AUTHORITY.leaf(WEB).uris(uri));
        }

        @Test
        void withAnIdOf2049Bytes() {
            String prefix = "spiffe://test.example/";
            String id = prefix + "p".repeat(SpiffeId.MAX_LENGTH + 1 - prefix.length());

            assertRefused(Refusal.SPIFFE_ID_MALFORMED, AUTHORITY.leaf(WEB).uris(id));
        }

        @Test
        void withAnIdThatHidesANulOrAnotherByte() {
            // SEQUENCE { [6] "spiffe://test.example/a\0b" } and the same with 0xc3
            for (String hidden : List.of("00", "c3")) {
                byte[] uri =
                        HexFormat.of()
                                .parseHex(
                                        "301b8619"
                                                + hex("spiffe://test.example/a")
                                                + hidden
                                                + "62");

                assertRefused(
                        Refusal.SPIFFE_ID_MALFORMED,
                        AUTHORITY.leaf(WEB).subject("CN=web").extension("2.5.29.17", false, uri));
            }
        }

        @Test
        void whoseIdHasNoPath() {
            // 20
            assertRefused(
                    Refusal.SPIFFE_ID_WITHOUT_PATH,
                    AUTHORITY.leaf(WEB).uris("spiffe://test.example"));
        }

        @Test
        void withoutSubjectWhoseSanIsNotCritical() {
            // 21
            assertRefused(Refusal.SAN_NOT_CRITICAL, AUTHORITY.leaf(WEB).sanCritical(false));
        }

        @Test
        void thatIsACa() {
            // 24, 25
            assertRefused(Refusal.LEAF_IS_CA, AUTHORITY.leaf(WEB).ca(true));
        }

        @Test
        void thatIsASigningCertificate() {
            assertRefused(
                    Refusal.LEAF_IS_CA,
                    AUTHORITY.newIntermediate(AUTHORITY.root()).uris("spiffe://test.example/ca"));
        }

        @Test
        void withoutKeyUsage() {
            // 26
            assertRefused(Refusal.KEY_USAGE_MISSING, AUTHORITY.leaf(WEB).withoutKeyUsage());
        }

        @Test
        void whoseKeyUsageIsNotCritical() {
            // 26
            assertRefused(
                    Refusal.KEY_USAGE_NOT_CRITICAL, AUTHORITY.leaf(WEB).keyUsageCritical(false));
        }

        @Test
        void whoseKeyUsageLacksDigitalSignature() {
            // 28
            assertRefused(
                    Refusal.KEY_USAGE_WITHOUT_DIGITAL_SIGNATURE,
                    AUTHORITY.leaf(WEB).keyUsage(KeyUsage.keyEncipherment));
        }

        @ParameterizedTest
        @ValueSource(ints = {KeyUsage.keyCertSign, KeyUsage.cRLSign})
        void whoseKeyUsageSignsCertificatesOrLists(int bit) {
            // 28, 31
            assertRefused(
                    Refusal.KEY_USAGE_SIGNS_CERTIFICATES,
                    AUTHORITY.leaf(WEB).keyUsage(KeyUsage.digitalSignature | bit));
        }

        @Test
        void forServersOnlyOrClientsOnlyOrAnything() {
            // 29
            for (KeyPurposeId usage :
                    List.of(
                            KeyPurposeId.id_kp_serverAuth,
                            KeyPurposeId.id_kp_clientAuth,
                            KeyPurposeId.anyExtendedKeyUsage)) {
                assertRefused(
                        Refusal.EXTENDED_KEY_USAGE_INCOMPLETE,
                        AUTHORITY.leaf(WEB).extendedKeyUsage(usage));
            }
        }

        @Test
        void withACriticalExtensionNobodyProcesses() {
            assertRefused(
                    Refusal.UNKNOWN_CRITICAL_EXTENSION,
                    AUTHORITY.leaf(WEB).extension("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0}));
        }

        @Test
        void withCriticalNameConstraintsWhichBelongToIssuers() {
            assertRefused(
                    Refusal.UNKNOWN_CRITICAL_EXTENSION,
                    AUTHORITY.leaf(WEB).permittedUris("test.example"));
        }

        @Test
        void signedWithAWeakAlgorithm() {
            TestCertificate rsa =
                    AUTHORITY.newIntermediate(AUTHORITY.root()).keyKind("RSA-2048").build();
            for (String algorithm : List.of("SHA1withRSA", "MD5withRSA", "SHA256withRSAandMGF1")) {
                assertRefused(
                        Refusal.SIGNATURE_ALGORITHM_WEAK,
                        AUTHORITY.leaf(WEB).issuedBy(rsa).signatureAlgorithm(algorithm));
            }
            assertRefused(
                    Refusal.SIGNATURE_ALGORITHM_WEAK,
                    AUTHORITY.leaf(WEB).signatureAlgorithm("SHA1withECDSA"));
        }

        @Test
        void withAWeakKey() throws Exception {
            KeyPairGenerator smallExponent = KeyPairGenerator.getInstance("RSA");
            smallExponent.initialize(new RSAKeyGenParameterSpec(2048, BigInteger.valueOf(3)));
            KeyPairGenerator curve = KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
            curve.initialize(new java.security.spec.ECGenParameterSpec("secp224r1"));

            assertRefused(Refusal.KEY_WEAK, AUTHORITY.leaf(WEB).keyKind("RSA-1024"));
            assertRefused(
                    Refusal.KEY_WEAK, AUTHORITY.leaf(WEB).keyPair(smallExponent.generateKeyPair()));
            assertRefused(Refusal.KEY_WEAK, AUTHORITY.leaf(WEB).keyPair(curve.generateKeyPair()));
        }

        @Test
        void thatIsNotYetValid() {
            assertRefused(
                    Refusal.NOT_YET_VALID,
                    AUTHORITY.leaf(WEB).validity(NOW.plusSeconds(1), NOW.plusSeconds(60)));
        }

        @Test
        void thatHasExpired() {
            assertRefused(
                    Refusal.EXPIRED,
                    AUTHORITY.leaf(WEB).validity(NOW.minusSeconds(60), NOW.minusSeconds(1)));
        }

        @Test
        void whoseSignatureIsWrongByOneBit() {
            assertRefused(Refusal.BAD_SIGNATURE, AUTHORITY.leaf(WEB).corruptSignature());
        }

        @Test
        void signedUnderTheIssuersNameByAnotherKey() {
            assertRefused(
                    Refusal.BAD_SIGNATURE,
                    AUTHORITY.leaf(WEB).signedWith(AUTHORITY.newKeyPair().getPrivate()));
        }

        @ParameterizedTest
        @ValueSource(strings = {"2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35", "2.5.29.37"})
        void withAnExtensionThatCannotBeRead(String oid) {
            // non-critical, so that the JDK's getters answer "absent"
            assertRefused(
                    Refusal.CERTIFICATE_MALFORMED,
                    AUTHORITY
                            .leaf(WEB)
                            .subject("CN=web")
                            .extension(oid, false, HexFormat.of().parseHex("30ff00")));
        }

        @Test
        void whoseSerialIsNotPositive() {
            assertRefused(
                    Refusal.CERTIFICATE_MALFORMED, AUTHORITY.leaf(WEB).serial(BigInteger.ZERO));
            assertRefused(
                    Refusal.CERTIFICATE_MALFORMED,
                    AUTHORITY.leaf(WEB).serial(BigInteger.valueOf(-7)));
        }
    }

    @Nested
    final class RefusesAnIssuer {
        @Test
        void thatIsNotACa() {
            // 22
            assertIssuerRefused(Refusal.ISSUER_NOT_CA, intermediate().ca(false));
            assertIssuerRefused(Refusal.ISSUER_NOT_CA, intermediate().withoutBasicConstraints());
        }

        @Test
        void thatIsAWorkloadsLeaf() {
            TestCertificate web = AUTHORITY.leaf(WEB).subject("CN=web").build();

            assertRefused(Refusal.ISSUER_NOT_CA, AUTHORITY.leaf("/ns/shop/sa/admin").issuedBy(web));
        }

        @Test
        void whoseKeyUsageDoesNotSign() {
            // 22, 26
            assertIssuerRefused(
                    Refusal.ISSUER_KEY_USAGE, intermediate().keyUsage(KeyUsage.cRLSign));
            assertIssuerRefused(Refusal.ISSUER_KEY_USAGE, intermediate().withoutKeyUsage());
            assertIssuerRefused(Refusal.ISSUER_KEY_USAGE, intermediate().keyUsageCritical(false));
        }

        @Test
        void whoseExtendedKeyUsageExcludesServers() {
            assertIssuerRefused(
                    Refusal.EXTENDED_KEY_USAGE_INCOMPLETE,
                    intermediate().extendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
        }

        @Test
        void whosePathLengthIsUsedUp() {
            // 30
            TestCertificate second = AUTHORITY.newIntermediate(AUTHORITY.intermediate()).build();

            assertRefused(Refusal.ISSUER_PATH_LENGTH, AUTHORITY.leaf(WEB).issuedBy(second));
        }

        @Test
        void whosePathLengthIsUsedUpFurtherUp() {
            TestCertificate one = intermediate().pathLength(1).build();
            TestCertificate two = AUTHORITY.newIntermediate(one).pathLength(5).build();
            TestCertificate three = AUTHORITY.newIntermediate(two).build();

            assertRefused(Refusal.ISSUER_PATH_LENGTH, AUTHORITY.leaf(WEB).issuedBy(three));
        }

        @Test
        void whoseSpiffeIdHasAPathOrIsAnothersOrComesTwice() {
            // 23
            String own = "spiffe://test.example";
            assertIssuerRefused(Refusal.ISSUER_SPIFFE_ID, intermediate().uris(own + "/ca"));
            assertIssuerRefused(
                    Refusal.ISSUER_SPIFFE_ID, intermediate().uris("spiffe://other.example"));
            assertIssuerRefused(Refusal.ISSUER_SPIFFE_ID, intermediate().uris("spiffe:///"));
            assertIssuerRefused(Refusal.ISSUER_SPIFFE_ID, intermediate().uris(own, own));
        }

        @Test
        void withACriticalExtensionNobodyProcesses() {
            assertIssuerRefused(
                    Refusal.UNKNOWN_CRITICAL_EXTENSION,
                    intermediate().extension("2.5.29.36", true, new byte[] {0x30, 0}));
        }

        @Test
        void withAWeakKey() {
            assertIssuerRefused(Refusal.KEY_WEAK, intermediate().keyKind("RSA-1024"));
        }

        @Test
        void signedWithAWeakAlgorithm() {
            assertIssuerRefused(
                    Refusal.SIGNATURE_ALGORITHM_WEAK,
                    intermediate().signatureAlgorithm("SHA1withECDSA"));
        }

        @Test
        void whoseSignatureIsWrong() {
            assertIssuerRefused(Refusal.BAD_SIGNATURE, intermediate().corruptSignature());
        }

        @Test
        void outsideItsOwnValidity() {
            assertIssuerRefused(
                    Refusal.EXPIRED,
                    intermediate().validity(NOW.minusSeconds(60), NOW.minusSeconds(1)));
            assertIssuerRefused(
                    Refusal.NOT_YET_VALID,
                    intermediate().validity(NOW.plusSeconds(1), NOW.plusSeconds(60)));
        }

        @Test
        void whoseConstraintsExcludeTheTrustDomain() {
            // 32
            assertIssuerRefused(
                    Refusal.NAME_CONSTRAINTS, intermediate().permittedUris("a.example"));
            assertIssuerRefused(
                    Refusal.NAME_CONSTRAINTS, intermediate().permittedUris(".test.example"));
            assertIssuerRefused(
                    Refusal.NAME_CONSTRAINTS, intermediate().permittedUris("est.example"));
            assertIssuerRefused(
                    Refusal.NAME_CONSTRAINTS, intermediate().excludedUris("Test.example"));
            assertIssuerRefused(Refusal.NAME_CONSTRAINTS, intermediate().excludedUris(".example"));
        }

        @Test
        void whoseConstraintsOnDnsNamesMeetADnsName() {
            TestCertificate issuer = intermediate().permittedDns("shop.svc").build();

            assertRefused(
                    Refusal.NAME_CONSTRAINTS,
                    AUTHORITY.leaf(WEB).dns("web.shop.svc").issuedBy(issuer));
        }

        @Test
        void whoseConstraintsOnDirectoryNamesMeetASubject() {
            // NameConstraints { permitted { directoryName: an empty name } }
            byte[] constraints = HexFormat.of().parseHex("3008a0063004a4023000");
            TestCertificate issuer =
                    intermediate().extension("2.5.29.30", true, constraints).build();

            assertRefused(
                    Refusal.NAME_CONSTRAINTS,
                    AUTHORITY.leaf(WEB).subject("CN=web").issuedBy(issuer));
        }

        @Test
        void whoseConstraintsHaveAMinimum() {
            // NameConstraints { permitted { URI: "a", minimum 1 } }
            byte[] constraints = HexFormat.of().parseHex("300aa00830068601618001" + "01");

            assertIssuerRefused(
                    Refusal.CERTIFICATE_MALFORMED,
                    intermediate().extension("2.5.29.30", false, constraints));
        }

        @Test
        void whoseConstraintsCannotBeRead() {
            assertIssuerRefused(
                    Refusal.CERTIFICATE_MALFORMED,
                    intermediate().extension("2.5.29.30", false, new byte[] {0x30, 2, 5, 0}));
        }

        @Test
        void unlessItsConstraintsAreMet() throws TrustRefused {
            TestCertificate exact = intermediate().permittedUris("x", "test.example").build();
            TestCertificate suffix = intermediate().permittedUris(".example").build();
            TestCertificate dnsOnly = intermediate().permittedDns("shop.svc").build();

            for (TestCertificate issuer : List.of(exact, suffix, dnsOnly)) {
                TestCertificate web = AUTHORITY.leaf(WEB).issuedBy(issuer).build();
                assertThat(verifier.verify(web.chain()).id()).isEqualTo(WEB_ID);
            }
        }

        private TestCertificateBuilder intermediate() {
            return AUTHORITY.newIntermediate(AUTHORITY.root());
        }

        private void assertIssuerRefused(Refusal refusal, TestCertificateBuilder issuer) {
            assertRefused(refusal, AUTHORITY.leaf(WEB).issuedBy(issuer.build()));
        }
    }

    @Nested
    final class RefusesARoot {
        @Test
        void outsideItsOwnValidity() {
            assertRootRefused(
                    Refusal.EXPIRED,
                    AUTHORITY.newRoot().validity(NOW.minusSeconds(60), NOW.minusSeconds(1)));
            assertRootRefused(
                    Refusal.NOT_YET_VALID,
                    AUTHORITY.newRoot().validity(NOW.plusSeconds(1), NOW.plusSeconds(60)));
        }

        @Test
        void thatIsNotACaOrDoesNotSign() {
            assertRootRefused(Refusal.ISSUER_NOT_CA, AUTHORITY.newRoot().ca(false));
            assertRootRefused(
                    Refusal.ISSUER_KEY_USAGE, AUTHORITY.newRoot().keyUsage(KeyUsage.cRLSign));
        }

        @Test
        void ofAnotherTrustDomain() {
            assertRootRefused(
                    Refusal.ISSUER_SPIFFE_ID, AUTHORITY.newRoot().uris("spiffe://other.example"));
        }

        @Test
        void withAWeakKey() {
            assertRootRefused(Refusal.KEY_WEAK, AUTHORITY.newRoot().keyKind("RSA-1024"));
        }

        @Test
        void whosePathLengthForbidsTheIntermediate() {
            assertRootRefused(Refusal.ISSUER_PATH_LENGTH, AUTHORITY.newRoot().pathLength(0));
        }

        @Test
        void whoseConstraintsExcludeTheTrustDomain() {
            assertRootRefused(
                    Refusal.NAME_CONSTRAINTS, AUTHORITY.newRoot().permittedUris("other.example"));
        }

        @Test
        void unlessItIsOnlyOldAndHasNoKeyUsage() throws TrustRefused {
            TestCertificate old = AUTHORITY.newRoot().withoutKeyUsage().uris().build();

            assertThat(verifierTrusting(old).verify(leafUnder(old).chain()).id()).isEqualTo(WEB_ID);
        }

        private void assertRootRefused(Refusal refusal, TestCertificateBuilder builder) {
            TestCertificate root = builder.build();
            TestCertificate web = leafUnder(root);

            TrustRefused refused =
                    catchThrowableOfType(
                            TrustRefused.class, () -> verifierTrusting(root).verify(web.chain()));

            assertThat(refused.refusal()).isEqualTo(refusal);
        }

        private TestCertificate leafUnder(TestCertificate root) {
            return AUTHORITY.leaf(WEB).issuedBy(AUTHORITY.newIntermediate(root).build()).build();
        }

        private SvidVerifier verifierTrusting(TestCertificate root) {
            return new SvidVerifier(TrustBundles.fixed(AUTHORITY.bundle(1, root)), CLOCK);
        }
    }

    @Test
    void holdsBothEndsOfAValidityInside() throws TrustRefused {
        // given
        MutableClock clock = MutableClock.create();
        SvidVerifier moving = new SvidVerifier(TrustBundles.fixed(AUTHORITY.bundle()), clock);
        TestCertificate web =
                AUTHORITY.leaf(WEB).validity(NOW.plusSeconds(10), NOW.plusSeconds(20)).build();

        // then
        assertThat(refusalAt(moving, clock, NOW.plusSeconds(10), web)).isEmpty();
        assertThat(refusalAt(moving, clock, NOW.plusSeconds(20), web)).isEmpty();
        assertThat(refusalAt(moving, clock, NOW.plusMillis(9_999), web))
                .contains(Refusal.NOT_YET_VALID);
        assertThat(refusalAt(moving, clock, NOW.plusMillis(20_001), web)).contains(Refusal.EXPIRED);
    }

    @Nested
    final class AtAnotherMoment {
        private final TestCertificate over =
                AUTHORITY.leaf(WEB).validity(NOW.minusSeconds(20), NOW.minusSeconds(10)).build();

        @Test
        void believesWhatHasExpiredSince() throws TrustRefused {
            assertRefused(Refusal.EXPIRED, over.chain());

            assertThat(verifier.at(NOW.minusSeconds(15)).verify(over.chain()).id())
                    .isEqualTo(WEB_ID);
        }

        @Test
        void refusesWhatWasNotValidThen() {
            TestCertificate web = AUTHORITY.leaf(WEB).build();
            Instant before = web.certificate().getNotBefore().toInstant().minusSeconds(1);
            Instant after = web.certificate().getNotAfter().toInstant().plusSeconds(1);

            assertThat(refusal(verifier.at(before), web)).contains(Refusal.NOT_YET_VALID);
            assertThat(refusal(verifier.at(after), web)).contains(Refusal.EXPIRED);
        }

        @Test
        void standsStillWhileTheClockGoesOn() {
            MutableClock clock = MutableClock.create();
            SvidVerifier then =
                    new SvidVerifier(TrustBundles.fixed(AUTHORITY.bundle()), clock)
                            .at(NOW.minusSeconds(15));

            assertThat(refusalAt(then, clock, NOW.plus(Duration.ofDays(400)), over)).isEmpty();
        }

        @Test
        void refusesEverythingElseAsEver() {
            TestCertificate stolen = OTHER.leaf(WEB_ID).build();

            assertThat(refusal(verifier.at(NOW.minusSeconds(1)), stolen))
                    .contains(Refusal.UNTRUSTED_ISSUER);
        }

        @Test
        void leavesTheVerifierItWasMadeFromAlone() throws TrustRefused {
            TestCertificate web = AUTHORITY.leaf(WEB).build();

            assertThat(refusal(verifier.at(NOW.plus(Duration.ofDays(400))), web))
                    .contains(Refusal.EXPIRED);
            assertThat(verifier.verify(web.chain()).id()).isEqualTo(WEB_ID);
        }
    }

    @Test
    void refusesACertificateThatOnlyFailsWhenItIsLookedAt() {
        // as TLS libraries hand them out: parsed at first use, unchecked exception on failure
        X509Certificate lazy = new BrokenCertificate();

        assertRefused(Refusal.CERTIFICATE_MALFORMED, List.of(lazy));
    }

    private void assertRefused(Refusal refusal, TestCertificateBuilder leaf) {
        assertRefused(refusal, leaf.build().chain());
    }

    private void assertRefused(Refusal refusal, List<X509Certificate> chain) {
        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> verifier.verify(chain));

        assertThat(refused).as("expected %s", refusal).isNotNull();
        assertThat(refused.refusal()).as(refused.getMessage()).isEqualTo(refusal);
        assertThat(refused.getMessage()).startsWith(refusal.name() + ": ");
    }

    private static Optional<Refusal> refusalAt(
            SvidVerifier verifier, MutableClock clock, Instant instant, TestCertificate leaf) {
        clock.set(instant);
        return refusal(verifier, leaf);
    }

    private static Optional<Refusal> refusal(SvidVerifier verifier, TestCertificate leaf) {
        try {
            verifier.verify(leaf.chain());
            return Optional.empty();
        } catch (TrustRefused refused) {
            return Optional.of(refused.refusal());
        }
    }

    private static TestCertificate expiredTwinOf(TestCertificate root) {
        return AUTHORITY
                .newRoot()
                .subject(root.certificate().getSubjectX500Principal().getName())
                .keyPair(new KeyPair(root.certificate().getPublicKey(), root.key()))
                .validity(NOW.minusSeconds(60), NOW.minusSeconds(1))
                .build();
    }

    private static String subjectKeyId(TestCertificate certificate) {
        byte[] extension = certificate.certificate().getExtensionValue("2.5.29.14");
        return HexFormat.of().formatHex(extension, 4, extension.length);
    }

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
