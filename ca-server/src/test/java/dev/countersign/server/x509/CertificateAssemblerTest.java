package dev.countersign.server.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CertificateAssemblerTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final SpiffeId CART = SpiffeId.parse("spiffe://prod.example/ns/shop/sa/cart");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final SecureRandom random = new SecureRandom();
    private final CertificateAssembler assembler = new CertificateAssembler();
    private final KeyPair rootKeys = Requests.ec("secp256r1");
    private final KeyPair intermediateKeys = Requests.ec("secp256r1");
    private final KeyPair leafKeys = Requests.ec("secp256r1");
    private final X509Certificate root = root();
    private final X509Certificate intermediate = intermediate();

    @Test
    void leafFollowsTheSvidProfile() throws Exception {
        X509Certificate leaf = sign(plan(List.of()));

        assertThat(leaf.getVersion()).isEqualTo(3);
        assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
        assertThat(leaf.getIssuerX500Principal()).isEqualTo(intermediate.getSubjectX500Principal());
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, CART.toString()));
        assertThat(leaf.getCriticalExtensionOIDs())
                .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.17", "2.5.29.19");
        assertThat(leaf.getNonCriticalExtensionOIDs())
                .containsExactlyInAnyOrder("2.5.29.14", "2.5.29.35", "2.5.29.37");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getKeyUsage())
                .containsExactly(true, false, false, false, false, false, false, false, false);
        assertThat(leaf.getExtendedKeyUsage())
                .containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getPublicKey()).isEqualTo(leafKeys.getPublic());
        assertThat(leaf.getNotBefore()).isEqualTo(Date.from(NOW));
        assertThat(leaf.getNotAfter()).isEqualTo(Date.from(NOW.plusSeconds(3_600)));
        assertThat(KeyIds.ofCertificate(leaf))
                .isEqualTo(KeyIds.of(leafKeys.getPublic().getEncoded()));
    }

    @Test
    void chainPassesTheJdksPathValidation() throws Exception {
        List<X509Certificate> chain = List.of(sign(plan(List.of("db.shop.svc"))), intermediate);
        PKIXParameters trust = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        trust.setRevocationEnabled(false);
        trust.setDate(Date.from(NOW.plusSeconds(60)));

        assertThatCode(() ->
                        CertPathValidator.getInstance("PKIX")
                                .validate(
                                        CertificateFactory.getInstance("X.509")
                                                .generateCertPath(chain),
                                        trust))
                .doesNotThrowAnyException();
    }

    @Test
    void dnsNamesFollowTheSpiffeId() throws Exception {
        X509Certificate leaf = sign(plan(List.of("a.example", "b.example")));

        assertThat(leaf.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(6, CART.toString()),
                        List.of(2, "a.example"),
                        List.of(2, "b.example"));
    }

    @Test
    void bytesAreExactlyWhatBouncyCastleWouldWrite() throws Exception {
        byte[] tbs = assembler.toBeSigned(plan(List.of("a.example")));

        assertThat(TBSCertificate.getInstance(tbs).getEncoded("DER")).isEqualTo(tbs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1999-12-31T23:59:59Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"})
    void timesAreExactAroundTheTurnOfTheirEncoding(Instant notAfter) throws Exception {
        CertificatePlan plan = plan(Instant.parse("1998-02-03T04:05:06Z"), notAfter);

        X509Certificate leaf = sign(plan);

        assertThat(leaf.getNotAfter()).isEqualTo(Date.from(notAfter));
    }

    @Test
    void fractionsOfSecondsAreCutFromThePlan() {
        CertificatePlan plan = plan(NOW.plusMillis(999), NOW.plusMillis(60_999));

        assertThat(plan.notBefore()).isEqualTo(NOW);
        assertThat(plan.notAfter()).isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void anotherIssuerIsNeverTakenForTheLast() throws Exception {
        sign(plan(List.of()));
        CertificatePlan underRoot =
                new CertificatePlan(
                        SerialNumbers.next(random),
                        CART,
                        List.of(),
                        leafKeys.getPublic().getEncoded(),
                        NOW,
                        NOW.plusSeconds(60),
                        root);

        TBSCertificate tbs = TBSCertificate.getInstance(assembler.toBeSigned(underRoot));

        assertThat(tbs.getIssuer().getEncoded())
                .isEqualTo(root.getSubjectX500Principal().getEncoded());
    }

    @Test
    void signingCertificatesFollowTheSvidProfile() throws Exception {
        assertThat(root.getBasicConstraints()).isEqualTo(2);
        assertThat(intermediate.getBasicConstraints()).isZero();
        for (X509Certificate authority : List.of(root, intermediate)) {
            assertThat(authority.getKeyUsage())
                    .containsExactly(false, false, false, false, false, true, true, false, false);
            assertThat(authority.getSubjectAlternativeNames())
                    .containsExactly(List.of(6, "spiffe://prod.example"));
            assertThat(authority.getCriticalExtensionOIDs())
                    .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
        }
        root.verify(rootKeys.getPublic());
        intermediate.verify(rootKeys.getPublic());
    }

    @Test
    void subjectsNameTheirKey() {
        String keyId = KeyIds.hexOfCertificate(root);

        assertThat(root.getSubjectX500Principal().getName())
                .isEqualTo("CN=Countersign root " + keyId.substring(0, 32));
        assertThat(root.getSubjectX500Principal())
                .isNotEqualTo(intermediate.getSubjectX500Principal());
    }

    @Test
    void pathLengthHasBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> authority(AuthorityPlan.Role.ROOT, rootKeys, 9, Optional.empty()))
                .withMessage("pathLength: 9 (expected: 0 to 8)");
    }

    @Test
    void serialNumbersAlwaysHave127Bits() {
        for (int i = 0; i < 1_000; i++) {
            BigInteger serial = SerialNumbers.next(random);

            assertThat(serial.signum()).isPositive();
            assertThat(serial.bitLength()).isEqualTo(127);
        }
    }

    private CertificatePlan plan(List<String> dnsNames) {
        return new CertificatePlan(
                SerialNumbers.next(random),
                CART,
                dnsNames,
                leafKeys.getPublic().getEncoded(),
                NOW,
                NOW.plusSeconds(3_600),
                intermediate);
    }

    private CertificatePlan plan(Instant notBefore, Instant notAfter) {
        return new CertificatePlan(
                SerialNumbers.next(random),
                CART,
                List.of(),
                leafKeys.getPublic().getEncoded(),
                notBefore,
                notAfter,
                intermediate);
    }

    private X509Certificate sign(CertificatePlan plan) throws Exception {
        byte[] tbs = assembler.toBeSigned(plan);
        X509Certificate leaf =
                assembler.certificate(
                        tbs, intermediateKeys.getPublic(), signature(intermediateKeys, tbs));
        leaf.verify(intermediateKeys.getPublic());
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(leaf.getEncoded()));
    }

    private X509Certificate root() {
        return certify(authority(AuthorityPlan.Role.ROOT, rootKeys, 2, Optional.empty()));
    }

    private X509Certificate intermediate() {
        return certify(
                authority(AuthorityPlan.Role.INTERMEDIATE, intermediateKeys, 0, Optional.of(root)));
    }

    private X509Certificate certify(AuthorityPlan plan) {
        byte[] tbs = assembler.toBeSigned(plan, rootKeys.getPublic());
        return assembler.certificate(tbs, rootKeys.getPublic(), signature(rootKeys, tbs));
    }

    private AuthorityPlan authority(
            AuthorityPlan.Role role,
            KeyPair keys,
            int pathLength,
            Optional<X509Certificate> issuer) {
        return new AuthorityPlan(
                SerialNumbers.next(random),
                DOMAIN,
                role,
                keys.getPublic().getEncoded(),
                NOW,
                NOW.plusSeconds(86_400),
                pathLength,
                issuer);
    }

    private static byte[] signature(KeyPair keys, byte[] message) {
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(message);
            return signer.sign();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
