package dev.countersign.server.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.lint.LintProfile.Purpose;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule lets the good certificate pass, and refuses those that are made to break it alone. */
final class LintRulesTest {
    private static final Instant EARLIER = LeafBytes.NOW.minusSeconds(3_600);
    private static final LintProfile WORKLOADS =
            LintProfile.of(Purpose.WORKLOAD, Duration.ofMinutes(5), Duration.ofHours(24));

    @ParameterizedTest(name = "{0}")
    @MethodSource("ruleNames")
    void letsTheGoodCertificatePass(String rule) {
        CertificatePlan plan = LeafBytes.plan();

        List<String> broken = brokenRules(new LeafBytes(plan).der(), plan, WORKLOADS);

        assertThat(broken).doesNotContain(rule).isEmpty();
    }

    @ParameterizedTest(name = "{0} refuses {1}")
    @MethodSource("faults")
    void refusesTheFault(String rule, String fault, Consumer<LeafBytes> change) {
        CertificatePlan plan = LeafBytes.plan();
        byte[] bytes = new LeafBytes(plan).with(change).der();

        assertThat(brokenRules(bytes, plan, WORKLOADS)).as(fault).containsExactly(rule);
    }

    @ParameterizedTest(name = "{0} refuses {1}")
    @MethodSource("wrongPlans")
    void refusesThePlan(String rule, String fault, CertificatePlan plan, LintProfile profile) {
        assertThat(brokenRules(new LeafBytes(plan).der(), plan, profile))
                .as(fault)
                .containsExactly(rule);
    }

    @Test
    void everyRuleHasAFault() {
        Set<String> named = new TreeSet<>();
        Stream.concat(faults(), wrongPlans()).forEach(a -> named.add((String) a.get()[0]));

        assertThat(named).isEqualTo(new TreeSet<>(ruleNames().toList()));
    }

    @Test
    void canonicalDerRefusesBytesAfterTheCertificate() {
        CertificatePlan plan = LeafBytes.plan();
        byte[] good = new LeafBytes(plan).der();

        assertThat(brokenRules(Arrays.copyOf(good, good.length + 1), plan, WORKLOADS))
                .containsExactly("canonical-der");
    }

    @Test
    void canonicalDerRefusesWhatIsNoCertificate() {
        assertThat(brokenRules(new byte[] {0x30, 0}, LeafBytes.plan(), WORKLOADS))
                .containsExactly("canonical-der");
    }

    @Test
    void validityWithinIssuerRefusesALeafOfAnIssuerThatIsNotYetValid() {
        Instant later = LeafBytes.NOW.plusSeconds(600);
        CertificatePlan plan = LeafBytes.plan();
        CertificatePlan early =
                new CertificatePlan(
                        plan.serial(),
                        plan.id(),
                        List.of(),
                        plan.subjectPublicKeyInfo(),
                        plan.notBefore(),
                        plan.notAfter(),
                        LeafBytes.issuer(LeafBytes.DOMAIN, later));

        assertThat(brokenRules(new LeafBytes(early).der(), early, WORKLOADS))
                .containsExactly("validity-within-issuer");
    }

    @Test
    void pathOfPurposeKeepsFourKindsApart() {
        SpiffeId server = SpiffeId.parse("spiffe://prod.example/countersign/ca-server");
        SpiffeId operator = SpiffeId.parse("spiffe://prod.example/countersign/operator/ann");

        assertThat(brokenBy(LeafBytes.CART, Purpose.WORKLOAD)).isEmpty();
        assertThat(brokenBy(server, Purpose.CA_SERVER)).isEmpty();
        assertThat(brokenBy(operator, Purpose.OPERATOR)).isEmpty();
        assertThat(brokenBy(server, Purpose.WORKLOAD)).containsExactly("path-of-purpose");
        assertThat(brokenBy(operator, Purpose.WORKLOAD)).containsExactly("path-of-purpose");
        assertThat(brokenBy(LeafBytes.CART, Purpose.CA_SERVER)).containsExactly("path-of-purpose");
        assertThat(brokenBy(operator, Purpose.CA_SERVER)).containsExactly("path-of-purpose");
        assertThat(brokenBy(server, Purpose.OPERATOR)).containsExactly("path-of-purpose");
        SpiffeId webhook = SpiffeId.parse("spiffe://prod.example/countersign/webhook");
        assertThat(brokenBy(webhook, Purpose.WEBHOOK)).isEmpty();
        assertThat(brokenBy(webhook, Purpose.CA_SERVER)).containsExactly("path-of-purpose");
        assertThat(brokenBy(webhook, Purpose.WORKLOAD)).containsExactly("path-of-purpose");
        assertThat(brokenBy(server, Purpose.WEBHOOK)).containsExactly("path-of-purpose");
    }

    @ParameterizedTest(name = "{0} refuses {1}")
    @MethodSource("faults")
    void findingsCarryValueAndExpectation(String rule, String fault, Consumer<LeafBytes> change) {
        CertificatePlan plan = LeafBytes.plan();
        byte[] bytes = new LeafBytes(plan).with(change).der();

        assertThat(findings(bytes, plan, WORKLOADS))
                .as(fault)
                .isNotEmpty()
                .allSatisfy(f -> assertThat(f).matches(rule + ": .* \\(expected: .*\\)"));
    }

    @Test
    void boundsOfLifeAreInclusive() {
        CertificatePlan plan = LeafBytes.plan();
        Duration life = Duration.between(plan.notBefore(), plan.notAfter());
        LintProfile exactly = new LintProfile(Purpose.WORKLOAD, life, life);

        assertThat(brokenRules(new LeafBytes(plan).der(), plan, exactly)).isEmpty();
    }

    static Stream<String> ruleNames() {
        return LintRules.ALL.stream().map(LintRule::name);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(
                        "canonical-der",
                        "a default written out",
                        b -> b.setExplicitlyNotCritical(Extension.extendedKeyUsage)),
                fault("public-key-as-planned", "another key", LintRulesTest::anotherKey),
                fault("version-three", "unique ids", b -> b.uniqueIds.add(uniqueId())),
                fault("serial-number", "another serial", b -> b.serial = b.serial.flipBit(3)),
                fault(
                        "signature-algorithm",
                        "SHA-1",
                        b -> b.algorithm = algorithm(X9ObjectIdentifiers.ecdsa_with_SHA1)),
                fault(
                        "signature-algorithm",
                        "SHA-384",
                        b -> b.algorithm = algorithm(X9ObjectIdentifiers.ecdsa_with_SHA384)),
                fault("signature-algorithm", "a NULL", b -> b.algorithm = withNull()),
                fault("issuer-name", "another issuer", LintRulesTest::anotherIssuer),
                fault("empty-subject", "a name", b -> b.subject = new X500Name("CN=cart")),
                fault(
                        "validity-as-planned",
                        "a second more",
                        b -> b.notAfter = b.notAfter.plusSeconds(1)),
                fault(
                        "validity-as-planned",
                        "a second earlier",
                        b -> b.notBefore = b.notBefore.minusSeconds(1)),
                fault(
                        "known-extensions",
                        "an unknown one",
                        b -> b.set(Extension.noRevAvail, false, DERNull.INSTANCE)),
                fault(
                        "known-extensions",
                        "a key usage that is not critical",
                        b ->
                                b.set(
                                        Extension.keyUsage,
                                        false,
                                        new org.bouncycastle.asn1.x509.KeyUsage(128))),
                fault(
                        "exact-uri-san",
                        "another ID",
                        b -> names(b, LeafBytes.uri("spiffe://prod.example/ns/a/sa/b"))),
                fault("exact-uri-san", "no name", b -> names(b)),
                fault(
                        "exact-uri-san",
                        "two IDs",
                        b ->
                                names(
                                        b,
                                        LeafBytes.uri(LeafBytes.CART.toString()),
                                        LeafBytes.uri(LeafBytes.CART.toString()))),
                fault(
                        "planned-names-only",
                        "a DNS name",
                        b -> names(b, cart(), new GeneralName(GeneralName.dNSName, "db.example"))),
                fault(
                        "planned-names-only",
                        "an address",
                        b -> names(b, cart(), new GeneralName(GeneralName.iPAddress, "10.0.0.1"))),
                fault(
                        "san-critical",
                        "a name that is not critical",
                        b ->
                                b.set(
                                        Extension.subjectAlternativeName,
                                        false,
                                        new GeneralNames(cart()))),
                fault("not-ca", "a CA", b -> constraints(b, new BasicConstraints(true))),
                fault("not-ca", "a CA of depth 0", b -> constraints(b, new BasicConstraints(0))),
                fault("key-usage", "keyCertSign", b -> usage(b, 128 | 4)),
                fault("key-usage", "keyEncipherment", b -> usage(b, 128 | 32)),
                fault("key-usage", "no digitalSignature", b -> usage(b, 32)),
                fault(
                        "extended-key-usage",
                        "serverAuth alone",
                        b -> purposes(b, KeyPurposeId.id_kp_serverAuth)),
                fault(
                        "extended-key-usage",
                        "any",
                        b ->
                                purposes(
                                        b,
                                        KeyPurposeId.id_kp_serverAuth,
                                        KeyPurposeId.id_kp_clientAuth,
                                        KeyPurposeId.anyExtendedKeyUsage)),
                fault(
                        "extended-key-usage",
                        "code signing",
                        b ->
                                purposes(
                                        b,
                                        KeyPurposeId.id_kp_serverAuth,
                                        KeyPurposeId.id_kp_clientAuth,
                                        KeyPurposeId.id_kp_codeSigning)),
                fault(
                        "subject-key-id",
                        "another id",
                        b ->
                                b.set(
                                        Extension.subjectKeyIdentifier,
                                        false,
                                        new DEROctetString(new byte[20]))),
                fault(
                        "authority-key-id",
                        "another id",
                        b -> authorityKey(b, new AuthorityKeyIdentifier(new byte[20]))),
                fault(
                        "authority-key-id",
                        "issuer and serial too",
                        b -> authorityKey(b, withIssuer())));
    }

    static Stream<Arguments> wrongPlans() {
        CertificatePlan good = LeafBytes.plan();
        Instant start = good.notBefore();
        return Stream.of(
                wrong("serial-number", "zero", serial(good, BigInteger.ZERO)),
                wrong("serial-number", "negative", serial(good, good.serial().negate())),
                wrong("serial-number", "63 bits", serial(good, BigInteger.ONE.shiftLeft(62))),
                wrong("serial-number", "128 bits", serial(good, BigInteger.ONE.shiftLeft(127))),
                wrong(
                        "validity-within-issuer",
                        "a leaf that outlives its issuer",
                        LeafBytes.plan(LeafBytes.CART, start, start.plusSeconds(86_400))),
                wrong(
                        "validity-within-profile",
                        "a life too short",
                        LeafBytes.plan(LeafBytes.CART, start, start.plusSeconds(299))),
                Arguments.of(
                        "validity-within-profile",
                        "a life too long",
                        good,
                        new LintProfile(
                                Purpose.WORKLOAD,
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(3_899))),
                wrong(
                        "trust-domain-of-issuer",
                        "a leaf of another domain",
                        LeafBytes.plan(
                                SpiffeId.parse("spiffe://other.example/ns/a/sa/b"),
                                start,
                                good.notAfter())),
                wrong(
                        "trust-domain-of-issuer",
                        "an issuer of another domain",
                        issuedBy(
                                good, LeafBytes.issuer(new TrustDomain("other.example"), EARLIER))),
                wrong(
                        "path-of-purpose",
                        "the server's path for a workload",
                        LeafBytes.plan(
                                SpiffeId.parse("spiffe://prod.example/countersign/ca-server"),
                                start,
                                good.notAfter())));
    }

    private static List<String> brokenBy(SpiffeId id, Purpose purpose) {
        LintProfile profile = LintProfile.of(purpose, Duration.ofMinutes(5), Duration.ofHours(24));
        CertificatePlan plan = LeafBytes.plan(id, LeafBytes.NOW, LeafBytes.NOW.plusSeconds(3_600));
        return brokenRules(new LeafBytes(plan).der(), plan, profile);
    }

    private static List<String> brokenRules(
            byte[] bytes, CertificatePlan plan, LintProfile profile) {
        return findings(bytes, plan, profile).stream()
                .map(finding -> finding.substring(0, finding.indexOf(':')))
                .toList();
    }

    private static List<String> findings(byte[] bytes, CertificatePlan plan, LintProfile profile) {
        try {
            new Linter(profile).lint(bytes, plan);
            return List.of();
        } catch (LintRefused e) {
            return e.findings();
        }
    }

    private static Arguments fault(String rule, String fault, Consumer<LeafBytes> change) {
        return Arguments.of(rule, fault, change);
    }

    private static Arguments wrong(String rule, String fault, CertificatePlan plan) {
        return Arguments.of(rule, fault, plan, WORKLOADS);
    }

    private static CertificatePlan serial(CertificatePlan plan, BigInteger serial) {
        return new CertificatePlan(
                serial,
                plan.id(),
                plan.dnsNames(),
                plan.subjectPublicKeyInfo(),
                plan.notBefore(),
                plan.notAfter(),
                plan.issuer());
    }

    private static CertificatePlan issuedBy(CertificatePlan plan, X509Certificate issuer) {
        return new CertificatePlan(
                plan.serial(),
                plan.id(),
                plan.dnsNames(),
                plan.subjectPublicKeyInfo(),
                plan.notBefore(),
                plan.notAfter(),
                issuer);
    }

    private static void anotherIssuer(LeafBytes bytes) {
        bytes.issuer = new X500Principal("CN=other").getEncoded();
    }

    private static void anotherKey(LeafBytes bytes) {
        bytes.spki = LeafBytes.keys().getPublic().getEncoded();
        bytes.set(Extension.subjectKeyIdentifier, false, new DEROctetString(KeyIds.of(bytes.spki)));
    }

    private static ASN1Encodable uniqueId() {
        return new DERTaggedObject(false, 2, new DERBitString(new byte[] {1}));
    }

    private static ASN1Encodable withNull() {
        return new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256, DERNull.INSTANCE);
    }

    private static ASN1Encodable algorithm(ASN1ObjectIdentifier oid) {
        return new AlgorithmIdentifier(oid);
    }

    private static void names(LeafBytes bytes, GeneralName... names) {
        bytes.set(Extension.subjectAlternativeName, true, new GeneralNames(names));
    }

    private static GeneralName cart() {
        return LeafBytes.uri(LeafBytes.CART.toString());
    }

    private static void constraints(LeafBytes bytes, BasicConstraints constraints) {
        bytes.set(Extension.basicConstraints, true, constraints);
    }

    private static void usage(LeafBytes bytes, int usage) {
        bytes.set(Extension.keyUsage, true, new org.bouncycastle.asn1.x509.KeyUsage(usage));
    }

    private static void purposes(LeafBytes bytes, KeyPurposeId... purposes) {
        bytes.set(
                Extension.extendedKeyUsage,
                false,
                new org.bouncycastle.asn1.x509.ExtendedKeyUsage(purposes));
    }

    private static void authorityKey(LeafBytes bytes, AuthorityKeyIdentifier id) {
        bytes.set(Extension.authorityKeyIdentifier, false, id);
    }

    private static AuthorityKeyIdentifier withIssuer() {
        return new AuthorityKeyIdentifier(
                KeyIds.ofCertificate(LeafBytes.ISSUER),
                new GeneralNames(new GeneralName(new X500Name("CN=root"))),
                BigInteger.TEN);
    }
}
