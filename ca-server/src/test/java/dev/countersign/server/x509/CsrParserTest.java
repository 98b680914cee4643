package dev.countersign.server.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.server.x509.CsrRefused.Reason;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CsrParserTest {
    private static final BigInteger F4 = BigInteger.valueOf(65_537);
    private static final byte[] P256_OID = Requests.oid("1.2.840.10045.3.1.7");
    private static final KeyPair RSA_2048 = Requests.rsa(2048, F4);

    private final CsrParser parser = new CsrParser(KeyKind.ALL);

    @Test
    void takesThePublicKeyAndNothingElse() throws Exception {
        byte[] csr =
                Requests.good()
                        .with(r -> r.subject = Requests.commonName("admin"))
                        .with(r -> r.attributes = Requests.requestedNames(uri("spiffe://a/b")))
                        .der();

        CertificateRequest request = parser.parse(csr);

        assertThat(request.publicKey()).isEqualTo(Requests.P256.getPublic());
        assertThat(request.subjectPublicKeyInfo())
                .isEqualTo(Requests.P256.getPublic().getEncoded());
        assertThat(request.publicKeyHash())
                .isEqualTo(KeyIds.sha256(Requests.P256.getPublic().getEncoded()));
        assertThat(request.requestedNames()).containsExactly("URI:spiffe://a/b");
    }

    @Test
    void gathersRequestedNamesOfEveryKind() throws Exception {
        byte[] names =
                Requests.requestedNames(
                        uri("spiffe://a/b"),
                        new GeneralName(GeneralName.dNSName, "db.example"),
                        new GeneralName(GeneralName.iPAddress, "10.1.2.3"),
                        new GeneralName(GeneralName.rfc822Name, "a@b.example"),
                        new GeneralName(GeneralName.registeredID, "1.2.3"));

        CertificateRequest request =
                parser.parse(Requests.good().with(r -> r.attributes = names).der());

        assertThat(request.requestedNames())
                .containsExactly(
                        "URI:spiffe://a/b",
                        "DNS:db.example",
                        "IP:10.1.2.3",
                        "EMAIL:a@b.example",
                        "RID:1.2.3");
    }

    @Test
    void requestedNamesCarryNoControlCharacters() throws Exception {
        byte[] names = Requests.requestedNames(uri("spiffe://a/b\nforged log line"));

        CertificateRequest request =
                parser.parse(Requests.good().with(r -> r.attributes = names).der());

        assertThat(request.requestedNames()).containsExactly("URI:spiffe://a/b?forged log line");
    }

    @ParameterizedTest
    @EnumSource(names = {"ECDSA_SHA256", "ECDSA_SHA384", "ECDSA_SHA512"})
    void acceptsEcdsaOnP384(SignatureScheme scheme) throws Exception {
        KeyPair keys = Requests.ec("secp384r1");

        CertificateRequest request = parser.parse(Requests.of(keys, scheme).der());

        assertThat(request.publicKey()).isEqualTo(keys.getPublic());
    }

    @ParameterizedTest
    @EnumSource(names = {"RSA_SHA256", "RSA_SHA384", "RSA_SHA512"})
    void acceptsRsaOf2048Bits(SignatureScheme scheme) throws Exception {
        CertificateRequest request = parser.parse(Requests.of(RSA_2048, scheme).der());

        assertThat(request.publicKey().getAlgorithm()).isEqualTo("RSA");
    }

    @Test
    void acceptsRsaPss() throws Exception {
        PSSParameterSpec pss =
                new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

        CertificateRequest request =
                parser.parse(Requests.of(RSA_2048, SignatureScheme.RSA_PSS_SHA256, pss).der());

        assertThat(request.publicKey().getEncoded()).isEqualTo(RSA_2048.getPublic().getEncoded());
    }

    @Test
    void acceptsEd25519() throws Exception {
        KeyPair keys = Requests.ed25519();

        CertificateRequest request = parser.parse(Requests.of(keys, SignatureScheme.ED25519).der());

        assertThat(request.subjectPublicKeyInfo()).isEqualTo(keys.getPublic().getEncoded());
    }

    @Test
    void refusesNothing() {
        refused(Reason.CSR_MISSING, new byte[0], "0 bytes");
    }

    @Test
    void refusesMoreThan16KiB() {
        byte[] csr = Arrays.copyOf(Requests.good().der(), 20_480);

        refused(Reason.CSR_TOO_LARGE, csr, "csr: 20480 bytes (expected: <= 16384)");
    }

    @Test
    void refusesTrailingBytes() {
        byte[] good = Requests.good().der();

        refused(Reason.CSR_TRAILING_BYTES, Arrays.copyOf(good, good.length + 1), "1 bytes after");
    }

    @Test
    void refusesIndefiniteLength() {
        byte[] good = Requests.good().der();
        byte[] ber = new byte[good.length + 1];
        System.arraycopy(good, 3, ber, 2, good.length - 3);
        ber[0] = 0x30;
        ber[1] = (byte) 0x80;

        refused(Reason.CSR_NOT_DER, ber, "definite");
    }

    @Test
    void refusesPaddedLength() {
        byte[] padded = {0x30, (byte) 0x81, 3, 2, 1, 0};

        refused(Reason.CSR_NOT_DER, padded, "shortest form");
    }

    @Test
    void refusesNestingWithoutEnd() {
        byte[] nested = {};
        for (int i = 0; i < 200; i++) {
            nested = DerWriter.value(0x30, nested);
        }

        refused(Reason.CSR_NOT_DER, nested, "nested deeper");
    }

    @Test
    void refusesBooleanThatIsNeitherTrueNorFalse() {
        byte[] odd =
                DerWriter.value(
                        0x30,
                        Requests.oid("2.5.29.19"),
                        new byte[] {1, 1, 1},
                        new byte[] {4, 2, 0x30, 0});
        byte[] csr = Requests.good().with(r -> r.attributes = Requests.extensionRequest(odd)).der();

        refused(Reason.CSR_NOT_DER, csr, "BOOLEAN");
    }

    @Test
    void refusesDefaultWrittenOut() {
        byte[] explicitFalse =
                DerWriter.value(
                        0x30,
                        Requests.oid("2.5.29.19"),
                        new byte[] {1, 1, 0},
                        new byte[] {4, 2, 0x30, 0});
        byte[] csr =
                Requests.good()
                        .with(r -> r.attributes = Requests.extensionRequest(explicitFalse))
                        .der();

        refused(Reason.CSR_NOT_DER, csr, "encode differently");
    }

    @Test
    void refusesAttributesOutOfOrder() {
        byte[] first = DerWriter.value(0x30, Requests.oid("1.2.3"), new byte[] {0x31, 0});
        byte[] second = DerWriter.value(0x30, Requests.oid("1.2.4"), new byte[] {0x31, 0});
        byte[] csr =
                Requests.good()
                        .with(r -> r.attributes = DerWriter.value(0xa0, second, first))
                        .der();

        refused(Reason.CSR_NOT_DER, csr, "out of order");
    }

    @Test
    void refusesTwoExtensionRequests() {
        byte[] one = Requests.attribute(Requests.extension("2.5.29.19", new byte[] {0x30, 0}));
        byte[] csr =
                Requests.good().with(r -> r.attributes = DerWriter.value(0xa0, one, one)).der();

        refused(Reason.CSR_NOT_DER, csr, "several extension requests");
    }

    @Test
    void refusesRepeatedExtension() {
        byte[] san =
                Requests.extension(
                        "2.5.29.17",
                        Requests.der(
                                new org.bouncycastle.asn1.x509.GeneralNames(uri("spiffe://a/b"))));
        byte[] csr =
                Requests.good().with(r -> r.attributes = Requests.extensionRequest(san, san)).der();

        refused(Reason.CSR_NOT_DER, csr, "CertificationRequest");
    }

    @Test
    void refusesElementTooManyInRequest() {
        byte[] csr = Requests.good().with(r -> r.more = Requests.VERSION_0).der();

        refused(Reason.CSR_NOT_DER, csr, "request of 4 elements (expected: 3");
    }

    @Test
    void refusesElementTooManyInInfo() {
        byte[] csr = Requests.good().with(r -> r.moreInfo = Requests.VERSION_0).der();

        refused(Reason.CSR_NOT_DER, csr, "request info of 5 elements (expected: 4");
    }

    @Test
    void refusesMissingAttributes() {
        byte[] csr = Requests.good().with(r -> r.attributes = new byte[0]).der();

        refused(Reason.CSR_NOT_DER, csr, "request info of 3 elements");
    }

    @Test
    void refusesSubjectThatIsNoName() {
        byte[] csr = Requests.good().with(r -> r.subject = Requests.utf8("admin")).der();

        refused(Reason.CSR_NOT_DER, csr, "CertificationRequest");
    }

    @ParameterizedTest
    @ValueSource(bytes = {1, 2, -1})
    void refusesAnyOtherVersion(byte version) {
        byte[] csr = Requests.good().with(r -> r.version = new byte[] {2, 1, version}).der();

        refused(Reason.CSR_VERSION, csr, "expected: 0");
    }

    @Test
    void refusesSignatureByAnotherKey() {
        byte[] other = Requests.ec("secp256r1").getPublic().getEncoded();

        refused(
                Reason.CSR_BAD_PROOF_OF_POSSESSION,
                Requests.good().with(r -> r.spki = other).der(),
                "does not verify");
    }

    @Test
    void refusesSignatureOverOtherBytes() {
        byte[] signature = Requests.good().signature();
        Requests changed = Requests.good().with(r -> r.subject = Requests.commonName("admin"));
        byte[] csr =
                DerWriter.value(0x30, changed.info(), changed.algorithm, DerWriter.bits(signature));

        refused(Reason.CSR_BAD_PROOF_OF_POSSESSION, csr, "does not verify");
    }

    @Test
    void refusesSignatureThatIsNotEvenEncoded() {
        Requests good = Requests.good();
        byte[] csr =
                DerWriter.value(
                        0x30, good.info(), good.algorithm, DerWriter.bits(new byte[] {1, 2, 3}));

        refused(Reason.CSR_BAD_PROOF_OF_POSSESSION, csr, "does not verify");
    }

    @Test
    void refusesEcdsaSignatureOfZeros() {
        Requests good = Requests.good();
        byte[] zeros = {0x30, 6, 2, 1, 0, 2, 1, 0};
        byte[] csr = DerWriter.value(0x30, good.info(), good.algorithm, DerWriter.bits(zeros));

        refused(Reason.CSR_BAD_PROOF_OF_POSSESSION, csr, "does not verify");
    }

    @Test
    void refusesSha1WithEcdsa() {
        byte[] algorithm = DerWriter.value(0x30, Requests.oid("1.2.840.10045.4.1"));

        refused(
                Reason.CSR_SIGNATURE_ALGORITHM,
                Requests.of(Requests.P256, "SHA1withECDSA", algorithm).der(),
                "1.2.840.10045.4.1");
    }

    @ParameterizedTest
    @CsvSource({"SHA1withRSA,1.2.840.113549.1.1.5", "MD5withRSA,1.2.840.113549.1.1.4"})
    void refusesSha1AndMd5WithRsa(String name, String oid) {
        byte[] algorithm = DerWriter.value(0x30, Requests.oid(oid), new byte[] {5, 0});

        refused(Reason.CSR_SIGNATURE_ALGORITHM, Requests.of(RSA_2048, name, algorithm).der(), oid);
    }

    @Test
    void refusesParametersWhereNoneBelong() {
        byte[] withNull =
                DerWriter.value(0x30, Requests.oid("1.2.840.10045.4.3.2"), new byte[] {5, 0});

        refused(
                Reason.CSR_SIGNATURE_ALGORITHM,
                Requests.good().with(r -> r.algorithm = withNull).der(),
                "standard parameters");
    }

    @Test
    void refusesPssWithAShortSalt() {
        byte[] good = SignatureScheme.RSA_PSS_SHA256.encoding();
        byte[] shortSalt = good.clone();
        assertThat(shortSalt[shortSalt.length - 1]).isEqualTo((byte) 32);
        shortSalt[shortSalt.length - 1] = 8;
        PSSParameterSpec pss =
                new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 8, 1);
        Requests request = Requests.of(RSA_2048, SignatureScheme.RSA_PSS_SHA256, pss);

        refused(
                Reason.CSR_SIGNATURE_ALGORITHM,
                request.with(r -> r.algorithm = shortSalt).der(),
                "standard parameters");
    }

    @Test
    void refusesAlgorithmOfAnotherKindOfKey() {
        byte[] rsa = SignatureScheme.RSA_SHA256.encoding();

        refused(
                Reason.CSR_SIGNATURE_ALGORITHM,
                Requests.good().with(r -> r.algorithm = rsa).der(),
                "RSA_SHA256 with a key of kind EC");
    }

    @Test
    void refusesUnknownKindOfKey() throws Exception {
        byte[] x25519 =
                java.security.KeyPairGenerator.getInstance("X25519")
                        .generateKeyPair()
                        .getPublic()
                        .getEncoded();

        refused(
                Reason.CSR_KEY_TYPE,
                Requests.good().with(r -> r.spki = x25519).der(),
                "1.3.101.110");
    }

    @Test
    void refusesKindOfKeyOutsideTheProfile() {
        CsrParser onlyP256 = new CsrParser(EnumSet.of(KeyKind.EC_P256));

        refused(
                onlyP256,
                Reason.CSR_KEY_TYPE,
                Requests.of(RSA_2048, SignatureScheme.RSA_SHA256).der(),
                "expected: one of [EC_P256]");
        refused(
                onlyP256,
                Reason.CSR_KEY_TYPE,
                Requests.of(Requests.ed25519(), SignatureScheme.ED25519).der(),
                "expected: one of [EC_P256]");
        refused(
                onlyP256,
                Reason.CSR_CURVE,
                Requests.of(Requests.ec("secp384r1"), SignatureScheme.ECDSA_SHA384).der(),
                "1.3.132.0.34");
    }

    @Test
    void refusesCurvesNoProfileAllows() {
        refused(
                Reason.CSR_CURVE,
                Requests.of(Requests.ec("secp521r1"), SignatureScheme.ECDSA_SHA512).der(),
                "1.3.132.0.35");
    }

    @Test
    void refusesExplicitCurveParameters() {
        X9ECParameters p256 = ECNamedCurveTable.getByName("P-256");
        byte[] explicit = Requests.ecInfo(Requests.der(p256), point());

        refused(
                Reason.CSR_EC_EXPLICIT_PARAMETERS,
                Requests.good().with(r -> r.spki = explicit).der(),
                "named curve");
    }

    @Test
    void refusesImplicitCurve() {
        byte[] implicit = Requests.ecInfo(new byte[] {5, 0}, point());

        refused(Reason.CSR_CURVE, Requests.good().with(r -> r.spki = implicit).der(), "no name");
    }

    @Test
    void refusesCompressedPoint() {
        byte[] compressed = Arrays.copyOf(point(), 33);
        compressed[0] = (byte) (2 + (point()[64] & 1));

        refusesPoint(compressed, "33 bytes, form 2", "33 bytes, form 3");
    }

    @Test
    void refusesHybridPoint() {
        byte[] hybrid = point();
        hybrid[0] = (byte) (6 + (hybrid[64] & 1));

        refusesPoint(hybrid, "form 6", "form 7");
    }

    @Test
    void refusesPointOffTheCurve() {
        byte[] off = point();
        off[64] ^= 1;

        refusesPoint(off, "not on the curve");
    }

    @Test
    void refusesPointAtInfinity() {
        refusesPoint(new byte[] {0}, "1 bytes, form 0");
    }

    @Test
    void refusesCoordinateOutsideTheField() {
        byte[] outside = point();
        Arrays.fill(outside, 1, 33, (byte) 0xff);

        refusesPoint(outside, "not on the curve");
    }

    @Test
    void refusesEd25519PointOfSmallOrder() {
        KeyPair keys = Requests.ed25519();
        byte[] neutral = keys.getPublic().getEncoded();
        Arrays.fill(neutral, 12, 44, (byte) 0);
        neutral[12] = 1;

        refused(
                Reason.CSR_EC_POINT,
                Requests.of(keys, SignatureScheme.ED25519).with(r -> r.spki = neutral).der(),
                "prime-order");
    }

    @Test
    void refusesRsaUnder2048Bits() {
        refused(
                Reason.CSR_RSA_SIZE,
                Requests.of(Requests.rsa(1024, F4), SignatureScheme.RSA_SHA256).der(),
                "1024 bits (expected: 2048 to 8192)");
    }

    @Test
    void refusesRsaOver8192Bits() {
        refusesRsa(Reason.CSR_RSA_SIZE, oddOfBits(8200), F4, "8200 bits");
    }

    @Test
    void refusesNegativeRsaModulus() {
        refusesRsa(Reason.CSR_RSA_SIZE, oddOfBits(2048).negate(), F4, "not positive");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3, 0, 1, 3, 17, 65_535, 65_538})
    void refusesTinyOrEvenRsaExponent(long exponent) {
        refusesRsa(
                Reason.CSR_RSA_EXPONENT,
                modulus(),
                BigInteger.valueOf(exponent),
                "RSA exponent: " + exponent);
    }

    @Test
    void refusesHugeRsaExponent() {
        refusesRsa(Reason.CSR_RSA_EXPONENT, modulus(), oddOfBits(300), "300 bits");
    }

    @Test
    void refusesEvenRsaModulus() {
        refusesRsa(Reason.CSR_RSA_WEAK_MODULUS, modulus().subtract(BigInteger.ONE), F4, "even");
    }

    @Test
    void refusesRsaModulusWithASmallFactor() {
        BigInteger prime = BigInteger.probablePrime(2040, new Random(7));

        refusesRsa(
                Reason.CSR_RSA_WEAK_MODULUS,
                prime.multiply(BigInteger.valueOf(751)),
                F4,
                "a factor under 752");
    }

    @Test
    void refusesRsaModulusOfClosePrimes() throws Exception {
        BigInteger p = BigInteger.probablePrime(1024, new Random(8)).setBit(1022);
        p = p.nextProbablePrime();
        KeyPair keys = rsa(p, p.nextProbablePrime());

        refused(
                Reason.CSR_RSA_WEAK_MODULUS,
                Requests.of(keys, SignatureScheme.RSA_SHA256).der(),
                "primes too close");
    }

    @Test
    void refusesRsaModulusWithRocaFingerprint() throws Exception {
        Random random = new Random(9);
        KeyPair keys = rsa(rocaPrime(random), rocaPrime(random));

        refused(
                Reason.CSR_RSA_WEAK_MODULUS,
                Requests.of(keys, SignatureScheme.RSA_SHA256).der(),
                "ROCA fingerprint");
    }

    @Test
    void refusesRsaKeyWithParametersOtherThanNull() {
        byte[] without =
                DerWriter.value(
                        0x30,
                        DerWriter.value(0x30, Requests.oid("1.2.840.113549.1.1.1")),
                        DerWriter.bits(new byte[] {0x30, 0}));

        refused(
                Reason.CSR_KEY_TYPE,
                Requests.good().with(r -> r.spki = without).der(),
                "expected: NULL");
    }

    @Test
    void refusesRsaKeyWithAThirdNumber() {
        byte[] numbers =
                DerWriter.value(
                        0x30,
                        DerWriter.integer(modulus()),
                        DerWriter.integer(F4),
                        DerWriter.integer(F4));
        byte[] three =
                DerWriter.value(
                        0x30,
                        DerWriter.value(
                                0x30, Requests.oid("1.2.840.113549.1.1.1"), new byte[] {5, 0}),
                        DerWriter.bits(numbers));

        refused(Reason.CSR_NOT_DER, Requests.good().with(r -> r.spki = three).der(), "3 elements");
    }

    @Test
    void agreesWithBouncyCastleOnRequestsFromBouncyCastle() throws Exception {
        java.security.KeyPairGenerator generator =
                java.security.KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
        generator.initialize(new ECGenParameterSpec("P-256"));
        KeyPair keys = generator.generateKeyPair();
        byte[] csr =
                new org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder(
                                new org.bouncycastle.asn1.x500.X500Name("CN=a,O=b"),
                                keys.getPublic())
                        .build(
                                new org.bouncycastle.operator.jcajce.JcaContentSignerBuilder(
                                                "SHA256withECDSA")
                                        .build(keys.getPrivate()))
                        .getEncoded();

        CertificateRequest request = parser.parse(csr);

        assertThat(request.requestedNames()).isEmpty();
        assertThat(request.subjectPublicKeyInfo()).isEqualTo(keys.getPublic().getEncoded());
    }

    private void refusesPoint(byte[] point, String... messages) {
        byte[] csr = Requests.good().with(r -> r.spki = Requests.ecInfo(P256_OID, point)).der();
        assertThatExceptionOfType(CsrRefused.class)
                .isThrownBy(() -> parser.parse(csr))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CSR_EC_POINT))
                .satisfies(e ->
                        assertThat(messages)
                                .anyMatch(m -> String.valueOf(e.getMessage()).contains(m)));
    }

    private void refusesRsa(
            Reason reason, BigInteger modulus, BigInteger exponent, String message) {
        Requests request = Requests.of(RSA_2048, SignatureScheme.RSA_SHA256);

        refused(
                reason,
                request.with(r -> r.spki = Requests.rsaInfo(modulus, exponent)).der(),
                message);
    }

    private void refused(Reason reason, byte[] csr, String message) {
        refused(parser, reason, csr, message);
    }

    private static void refused(CsrParser parser, Reason reason, byte[] csr, String message) {
        assertThatExceptionOfType(CsrRefused.class)
                .isThrownBy(() -> parser.parse(csr))
                .withMessageContaining(message)
                .withMessageContaining("(expected: ")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static GeneralName uri(String text) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, text);
    }

    private static byte[] point() {
        byte[] encoded = Requests.P256.getPublic().getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - 65, encoded.length);
    }

    private static BigInteger modulus() {
        return ((RSAPublicKey) RSA_2048.getPublic()).getModulus();
    }

    private static BigInteger oddOfBits(int bits) {
        return BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
    }

    private static KeyPair rsa(BigInteger p, BigInteger q) throws Exception {
        BigInteger n = p.multiply(q);
        BigInteger phi = p.subtract(BigInteger.ONE).multiply(q.subtract(BigInteger.ONE));
        KeyFactory keys = KeyFactory.getInstance("RSA");
        return new KeyPair(
                keys.generatePublic(new RSAPublicKeySpec(n, F4)),
                keys.generatePrivate(new RSAPrivateKeySpec(n, F4.modInverse(phi))));
    }

    /** As the broken chips made them: k·M + 65537^a mod M. */
    private static BigInteger rocaPrime(Random random) {
        BigInteger product = BigInteger.ONE;
        for (int n = 2; n < 168; n++) {
            if (BigInteger.valueOf(n).isProbablePrime(40)) {
                product = product.multiply(BigInteger.valueOf(n));
            }
        }
        BigInteger power = F4.modPow(new BigInteger(60, random), product);
        BigInteger k =
                BigInteger.valueOf(3)
                        .shiftLeft(1022)
                        .divide(product)
                        .add(new BigInteger(600, random));
        while (true) {
            BigInteger candidate = k.multiply(product).add(power).setBit(0);
            if (candidate.isProbablePrime(60)) {
                return candidate;
            }
            k = k.add(BigInteger.ONE);
        }
    }
}
