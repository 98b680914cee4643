package dev.countersign.server.lint;

import dev.countersign.server.x509.AuthorityPlan;
import dev.countersign.server.x509.IssuerView;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.SignatureScheme;
import dev.countersign.server.x509.TbsView;
import dev.countersign.server.x509.TbsView.ExtensionView;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The rules of signing certificates (X509-SVID section 4, RFC 5280): the only maker of {@link
 * LintedAuthority}. They are few and made about once a day, so the rules stand in one class.
 */
public final class AuthorityLinter {
    private static final byte[] CERTIFICATE_AND_CRL_SIGNING = HexFormat.of().parseHex("03020106");
    private static final byte[] NONE = {};
    private static final Map<String, Boolean> EXTENSIONS =
            new TreeMap<>(
                    Map.of(
                            "2.5.29.14", false,
                            "2.5.29.15", true,
                            "2.5.29.17", false,
                            "2.5.29.19", true,
                            "2.5.29.35", false));
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    /**
     * Checks the bytes of a root or an intermediate against every rule.
     *
     * @param toBeSigned DER TBSCertificate made from {@code plan}
     * @param issuerKey the key that is to sign: the plan's own for a root
     * @throws LintRefused with every rule that is broken
     */
    public LintedAuthority lint(byte[] toBeSigned, AuthorityPlan plan, PublicKey issuerKey)
            throws LintRefused {
        byte[] exact = toBeSigned.clone();
        Findings findings = new Findings();
        try {
            TbsView tbs = TbsView.parse(exact);
            checkForm(tbs, plan, findings);
            checkTimes(tbs, plan, findings);
            checkExtensions(tbs, plan, findings);
            checkIssuer(tbs, plan, issuerKey, findings);
        } catch (TbsView.MalformedTbs e) {
            findings.add("canonical-der", Optional.of(String.valueOf(e.getMessage())));
        } catch (IllegalArgumentException | IllegalStateException e) {
            findings.add("readable", Optional.of("unreadable extension (expected: RFC 5280)"));
        }
        findings.throwIfAny();
        return new LintedAuthority(exact, plan);
    }

    private static void checkForm(TbsView tbs, AuthorityPlan plan, Findings findings) {
        findings.add(
                "canonical-der",
                LintRule.unless(tbs.canonical(), () -> "encodes differently", () -> "DER"));
        findings.add(
                "version-three",
                LintRule.unless(
                        tbs.version() == 3 && !tbs.hasUniqueIds(),
                        () -> "v" + tbs.version(),
                        () -> "v3 without unique ids"));
        findings.add(
                "serial-number",
                LintRule.unless(
                        tbs.serial().equals(plan.serial())
                                && tbs.serial().signum() > 0
                                && tbs.serial().bitLength() >= 64
                                && tbs.serial().bitLength() <= 127,
                        () -> tbs.serial().bitLength() + " bits",
                        () -> "the planned one, positive, 64 to 127 bits"));
        findings.add(
                "public-key-as-planned",
                LintRule.unless(
                        Arrays.equals(tbs.subjectPublicKeyInfo(), plan.subjectPublicKeyInfo()),
                        () -> "another key",
                        () -> "the planned one"));
        findings.add("unique-subject", equal(tbs.subject(), subject(plan.commonName())));
    }

    private static void checkTimes(TbsView tbs, AuthorityPlan plan, Findings findings) {
        boolean asPlanned =
                tbs.notBefore().equals(plan.notBefore())
                        && tbs.notAfter().equals(plan.notAfter())
                        && tbs.notBefore().isBefore(tbs.notAfter());
        findings.add(
                "validity-as-planned",
                LintRule.unless(
                        asPlanned,
                        () -> tbs.notBefore() + "/" + tbs.notAfter(),
                        () -> plan.notBefore() + "/" + plan.notAfter() + ", in this order"));
        plan.issuer()
                .ifPresent(issuer -> {
                    Instant start = issuer.getNotBefore().toInstant();
                    Instant end = issuer.getNotAfter().toInstant();
                    findings.add(
                            "validity-within-issuer",
                            LintRule.unless(
                                    !tbs.notBefore().isBefore(start)
                                            && !tbs.notAfter().isAfter(end),
                                    () -> tbs.notBefore() + "/" + tbs.notAfter(),
                                    () -> "within " + start + "/" + end));
                });
    }

    private static void checkExtensions(TbsView tbs, AuthorityPlan plan, Findings findings) {
        Map<String, Boolean> found = new TreeMap<>();
        tbs.extensions().forEach(extension -> found.put(extension.oid(), extension.critical()));
        Map<String, Boolean> expected = new TreeMap<>(EXTENSIONS);
        if (plan.constrained()) {
            expected.put(NAME_CONSTRAINTS, true);
            findings.add(
                    "name-constraints",
                    equal(value(tbs, NAME_CONSTRAINTS), permitted(plan.trustDomain().name())));
        }
        findings.add(
                "known-extensions",
                LintRule.unless(
                        found.equals(expected),
                        () -> "critical by OID " + found,
                        expected::toString));
        byte[] constraints = {0x30, 6, 1, 1, (byte) 0xff, 2, 1, (byte) plan.pathLength()};
        findings.add("ca-with-path-length", equal(value(tbs, "2.5.29.19"), constraints));
        findings.add("key-usage", equal(value(tbs, "2.5.29.15"), CERTIFICATE_AND_CRL_SIGNING));
        findings.add(
                "trust-domain",
                LintRule.unless(
                        tbs.alternativeNames().equals(List.of("URI:" + plan.trustDomain().id())),
                        () -> tbs.alternativeNames().toString(),
                        () -> plan.trustDomain().id()));
        findings.add(
                "subject-key-id",
                equal(tbs.subjectKeyId(), KeyIds.of(plan.subjectPublicKeyInfo())));
    }

    /** RFC 5280 section 4.2.1.10: one permitted subtree, URIs of exactly this host. */
    private static byte[] permitted(String host) {
        byte[] der = host.getBytes(StandardCharsets.US_ASCII);
        for (int tag : new int[] {0x86, 0x30, 0xa0, 0x30}) {
            byte[] head =
                    der.length < 0x80
                            ? new byte[] {(byte) tag, (byte) der.length}
                            : der.length < 0x100
                                    ? new byte[] {(byte) tag, (byte) 0x81, (byte) der.length}
                                    : new byte[] {
                                        (byte) tag,
                                        (byte) 0x82,
                                        (byte) (der.length >> 8),
                                        (byte) der.length
                                    };
            byte[] wrapped = Arrays.copyOf(head, head.length + der.length);
            System.arraycopy(der, 0, wrapped, head.length, der.length);
            der = wrapped;
        }
        return der;
    }

    private static void checkIssuer(
            TbsView tbs, AuthorityPlan plan, PublicKey issuerKey, Findings findings) {
        Optional<IssuerView> issuer = plan.issuer().map(IssuerView::of);
        byte[] expectedName = issuer.map(IssuerView::subject).orElseGet(tbs::subject);
        byte[] expectedKeyId = issuer.map(IssuerView::keyId).orElseGet(tbs::subjectKeyId);
        findings.add("issuer-name", equal(tbs.issuer(), expectedName));
        boolean byKeyIdOnly =
                tbs.authorityKey()
                        .filter(key -> Arrays.equals(key.keyId(), expectedKeyId))
                        .filter(key -> !key.issuerAndSerial())
                        .isPresent();
        findings.add(
                "authority-key-id",
                LintRule.unless(
                        byKeyIdOnly,
                        () -> "another, none, or by issuer and serial",
                        () -> HexFormat.of().formatHex(expectedKeyId) + " alone"));
        findings.add(
                "signature-algorithm",
                equal(tbs.signatureAlgorithm(), SignatureScheme.of(issuerKey).encoding()));
    }

    private static byte[] value(TbsView tbs, String oid) {
        return tbs.extension(oid).map(ExtensionView::value).orElse(NONE);
    }

    private static Optional<String> equal(byte[] found, byte[] expected) {
        return LintRule.unless(
                Arrays.equals(found, expected),
                () -> HexFormat.of().formatHex(found),
                () -> HexFormat.of().formatHex(expected));
    }

    /** One RDN with one UTF-8 common name; short enough for lengths of one octet. */
    private static byte[] subject(String commonName) {
        String text = HexFormat.of().formatHex(commonName.getBytes(StandardCharsets.UTF_8));
        String value = "0603550403" + "0c" + length(text) + text;
        String pair = "30" + length(value) + value;
        String set = "31" + length(pair) + pair;
        return HexFormat.of().parseHex("30" + length(set) + set);
    }

    private static String length(String hex) {
        return HexFormat.of().toHexDigits((byte) (hex.length() / 2));
    }

    private static final class Findings {
        private final List<String> broken = new ArrayList<>();

        void add(String rule, Optional<String> finding) {
            finding.ifPresent(text -> broken.add(rule + ": " + text));
        }

        void throwIfAny() throws LintRefused {
            if (!broken.isEmpty()) {
                throw new LintRefused(broken);
            }
        }
    }
}
