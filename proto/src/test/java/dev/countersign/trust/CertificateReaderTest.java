package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.countersign.testing.Cases;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reading from bytes against the JDK's, which shares nothing with it. */
final class CertificateReaderTest {
    private static final TestAuthority AUTHORITY =
            TestAuthority.create("test.example", MutableClock.create(), 1);
    private static final String WEB_ID = "spiffe://test.example/ns/shop/sa/web";
    private static final TestCertificate WEB = AUTHORITY.leaf("/ns/shop/sa/web").build();

    static Stream<Long> seeds() {
        return Cases.seeds(2_000);
    }

    static Stream<TestCertificate> certificates() {
        return Stream.of(
                AUTHORITY.root(),
                AUTHORITY.intermediate(),
                WEB,
                AUTHORITY.leaf("/ns/shop/sa/web").subject("CN=web,O=a\\,b").build(),
                AUTHORITY.leaf("/ns/shop/sa/web").dns("web.shop.svc").build(),
                AUTHORITY.leaf("/ns/shop/sa/web").keyKind("RSA-2048").build(),
                AUTHORITY.newIntermediate(AUTHORITY.root()).keyKind("RSA-2048").build(),
                AUTHORITY.newIntermediate(AUTHORITY.root()).permittedUris("test.example").build(),
                AUTHORITY.newIntermediate(AUTHORITY.root()).withoutBasicConstraints().build(),
                AUTHORITY
                        .leaf("/ns/shop/sa/web")
                        .extension(
                                "2.25.329800735698586629295641978511506172918", false, new byte[2])
                        .build());
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void readsWhatTheJdkReads(TestCertificate certificate) throws Exception {
        assertSame(certificate.certificate());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void readsNothingThatTheJdkReadsOtherwise(long seed) throws Exception {
        // given
        Cases cases = new Cases(seed);
        byte[] bytes = cases.chance(2) ? encoded(WEB) : encoded(AUTHORITY.intermediate());
        for (int i = cases.between(1, 3); i > 0; i--) {
            bytes[cases.between(0, bytes.length - 1)] ^= (byte) (1 << cases.between(0, 7));
        }

        // when
        try {
            CertificateReader.read(bytes);
        } catch (CertificateParsingException | RuntimeException refused) {
            return;
        }

        // then: what the JDK refuses of it is a part that no rule asks for
        X509Certificate asReadByTheJdk;
        try {
            asReadByTheJdk = parse(bytes);
        } catch (CertificateException refused) {
            return;
        }
        assertSame(asReadByTheJdk);
    }

    @Test
    void takesTimesOfBothKindsAtTheTurnOfTheCentury() {
        for (String end : List.of("2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z")) {
            Instant notAfter = Instant.parse(end);
            X509Certificate leaf =
                    AUTHORITY
                            .leaf("/ns/shop/sa/web")
                            .validity(Instant.parse("1998-02-03T04:05:06Z"), notAfter)
                            .build()
                            .certificate();

            CertificateFacts facts = assertDoesNotThrow(() -> CertificateFacts.read(leaf, "leaf"));

            assertThat(facts.notBefore()).isEqualTo("1998-02-03T04:05:06Z");
            assertThat(facts.notAfter()).isEqualTo(notAfter);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void takesNoByteTooManyOrTooFew(int change) throws Exception {
        byte[] bytes = encoded(WEB);

        assertThatThrownBy(
                        () -> CertificateReader.read(Arrays.copyOf(bytes, bytes.length + change)))
                .isInstanceOf(CertificateParsingException.class);
    }

    @Test
    void takesNoExtensionTwice() {
        assertRefused(
                AUTHORITY.leaf("/ns/shop/sa/web").extension("1.2.3.4", false, new byte[2]).build(),
                // 1.2.3.4 → the OID of the extended key usage, which is there already
                new byte[] {6, 3, 0x2a, 3, 4},
                new byte[] {6, 3, 0x55, 0x1d, 0x25});
    }

    @Test
    void takesNoOtherAlgorithmInsideThanOutside() throws Exception {
        // SHA256withECDSA → SHA384withECDSA, the first time it stands there
        assertRefused(
                WEB,
                new byte[] {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2},
                new byte[] {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 3});
    }

    private static void assertRefused(TestCertificate certificate, byte[] found, byte[] with) {
        byte[] bytes = assertDoesNotThrow(() -> encoded(certificate));
        int at = indexOf(bytes, found);
        System.arraycopy(with, 0, bytes, at, with.length);

        assertThatThrownBy(() -> CertificateReader.read(bytes))
                .isInstanceOf(CertificateParsingException.class);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    private static void assertSame(X509Certificate jdk) throws Exception {
        CertificateFacts facts = CertificateFacts.read(jdk, "certificate");

        assertThat(facts.serial()).isEqualTo(jdk.getSerialNumber().toString(16));
        assertThat(facts.subject()).isEqualTo(jdk.getSubjectX500Principal().getEncoded());
        assertThat(facts.subjectName()).isEqualTo(jdk.getSubjectX500Principal().getName());
        assertThat(facts.issuer()).isEqualTo(jdk.getIssuerX500Principal().getEncoded());
        assertThat(facts.notBefore()).isEqualTo(jdk.getNotBefore().toInstant());
        assertThat(facts.notAfter()).isEqualTo(jdk.getNotAfter().toInstant());
        assertThat(facts.subjectPublicKeyInfo()).isEqualTo(jdk.getPublicKey().getEncoded());
        assertThat(facts.signatureOid()).isEqualTo(jdk.getSigAlgOID());
        assertThat(facts.signed()).isEqualTo(jdk.getTBSCertificate());
        assertThat(facts.signature()).isEqualTo(jdk.getSignature());
        assertThat(facts.pathLength()).isEqualTo(jdk.getBasicConstraints());
        assertThat(facts.criticalExtensions())
                .isEqualTo(Objects.requireNonNullElse(jdk.getCriticalExtensionOIDs(), Set.of()));
        assertThat(facts.extendedKeyUsage().orElse(null)).isEqualTo(jdk.getExtendedKeyUsage());
        boolean[] usage = jdk.getKeyUsage();
        assertThat(facts.keyUsage().isPresent()).isEqualTo(usage != null);
        facts.keyUsage()
                .ifPresent(bits -> {
                    assertThat(bits.digitalSignature()).isEqualTo(usage[0]);
                    assertThat(bits.keyCertSign()).isEqualTo(usage[5]);
                    assertThat(bits.crlSign()).isEqualTo(usage[6]);
                });
        assertSameUris(facts, jdk);
    }

    /** The JDK refuses what is no URI; here that is for the rules on SPIFFE IDs to say. */
    private static void assertSameUris(CertificateFacts facts, X509Certificate jdk) {
        try {
            var names = jdk.getSubjectAlternativeNames();
            List<Object> uris =
                    names == null
                            ? List.of()
                            : names.stream()
                                    .filter(name -> name.get(0).equals(6))
                                    .<Object>map(name -> name.get(1))
                                    .toList();
            if (facts.uris().stream().allMatch(CertificateReaderTest::isAscii)) {
                assertThat(facts.uris()).isEqualTo(uris);
            }
        } catch (CertificateParsingException noUri) {
            assertThat(facts.uris()).noneMatch(WEB_ID::equals);
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static byte[] encoded(TestCertificate certificate) throws CertificateException {
        return certificate.certificate().getEncoded();
    }

    private static X509Certificate parse(byte[] bytes) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(bytes));
    }
}
