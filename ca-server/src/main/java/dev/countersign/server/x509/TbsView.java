package dev.countersign.server.x509;

import java.math.BigInteger;
import java.text.ParseException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.jspecify.annotations.Nullable;

/**
 * A read-only view of the exact bytes that are about to be signed, read by Bouncy Castle and
 * independent of whoever wrote them. For the rules of the linter, which see JDK types only.
 */
public final class TbsView {
    private static final String UTC = "GMT+00:00";

    /** Characters of {@code yyyyMMddHHmmss}. */
    private static final int DATE_AND_TIME = 14;

    private final TBSCertificate tbs;
    private final byte[] bytes;
    private final Instant notBefore;
    private final Instant notAfter;
    private final List<ExtensionView> extensions;
    private final List<String> alternativeNames;

    private TbsView(TBSCertificate tbs, byte[] bytes) throws ParseException {
        this.tbs = tbs;
        this.bytes = bytes;
        notBefore = instant(tbs.getStartDate());
        notAfter = instant(tbs.getEndDate());
        extensions = extensions(tbs.getExtensions());
        alternativeNames = alternativeNames(tbs.getExtensions());
    }

    /**
     * Reads a TBSCertificate; keeps the array.
     *
     * @throws MalformedTbs when it is none, or not strict DER
     */
    public static TbsView parse(byte[] der) throws MalformedTbs {
        try {
            Der.check(der);
            return new TbsView(TBSCertificate.getInstance(der), der);
        } catch (Der.Malformed e) {
            throw new MalformedTbs(String.valueOf(e.getMessage()));
        } catch (ParseException | RuntimeException e) {
            // Bouncy Castle says in many ways that an element has another type than expected.
            throw new MalformedTbs(
                    "another structure (expected: a TBSCertificate, RFC 5280 section 4.1)");
        }
    }

    /** Whether encoding every part that was read anew gives the same bytes again. */
    public boolean canonical() {
        // Not tbs.getEncoded(): Bouncy Castle would hand back the sequence it was read from.
        ASN1EncodableVector parts = new ASN1EncodableVector(10);
        if (tbs.getVersionNumber() > 1) {
            parts.add(new DERTaggedObject(true, 0, tbs.getVersion()));
        }
        parts.add(tbs.getSerialNumber());
        parts.add(tbs.getSignature());
        parts.add(tbs.getIssuer());
        parts.add(tbs.getValidity());
        parts.add(tbs.getSubject());
        parts.add(tbs.getSubjectPublicKeyInfo());
        optional(parts, false, 1, tbs.getIssuerUniqueId());
        optional(parts, false, 2, tbs.getSubjectUniqueId());
        optional(parts, true, 3, tbs.getExtensions());
        return Arrays.equals(encoded(new DERSequence(parts)), bytes);
    }

    /** 1 to 3. */
    public int version() {
        return tbs.getVersionNumber();
    }

    public BigInteger serial() {
        return tbs.getSerialNumber().getValue();
    }

    /** DER AlgorithmIdentifier. */
    public byte[] signatureAlgorithm() {
        return encoded(tbs.getSignature());
    }

    /** DER Name. */
    public byte[] issuer() {
        return encoded(tbs.getIssuer());
    }

    /** DER Name. */
    public byte[] subject() {
        return encoded(tbs.getSubject());
    }

    public Instant notBefore() {
        return notBefore;
    }

    public Instant notAfter() {
        return notAfter;
    }

    /** DER. */
    public byte[] subjectPublicKeyInfo() {
        return encoded(tbs.getSubjectPublicKeyInfo());
    }

    /** What a key identifier is the hash of: the content of the BIT STRING. */
    public byte[] publicKeyBits() {
        return tbs.getSubjectPublicKeyInfo().getPublicKeyData().getOctets();
    }

    /** Whether it has an issuerUniqueID or a subjectUniqueID. */
    public boolean hasUniqueIds() {
        return tbs.getIssuerUniqueId() != null || tbs.getSubjectUniqueId() != null;
    }

    /** In the order of the certificate; no two have the same OID. */
    public List<ExtensionView> extensions() {
        return extensions;
    }

    /** The extension of this OID in dotted form. */
    public Optional<ExtensionView> extension(String oid) {
        for (ExtensionView extension : extensions) {
            if (extension.oid().equals(oid)) {
                return Optional.of(extension);
            }
        }
        return Optional.empty();
    }

    /** Every alternative name as {@code URI:…}, {@code DNS:…}, …, in order. */
    public List<String> alternativeNames() {
        return alternativeNames;
    }

    /** The subject key identifier; empty array when there is none. */
    public byte[] subjectKeyId() {
        return extension(Extension.subjectKeyIdentifier.getId())
                .map(extension -> ASN1OctetString.getInstance(extension.value()).getOctets())
                .orElseGet(() -> new byte[0]);
    }

    /** How the certificate points at its issuer. */
    public Optional<AuthorityKey> authorityKey() {
        AuthorityKeyIdentifier id =
                tbs.getExtensions() == null
                        ? null
                        : AuthorityKeyIdentifier.fromExtensions(tbs.getExtensions());
        if (id == null) {
            return Optional.empty();
        }
        byte[] keyId =
                id.getKeyIdentifierObject() == null
                        ? new byte[0]
                        : id.getKeyIdentifierObject().getOctets();
        boolean byName =
                id.getAuthorityCertIssuer() != null || id.getAuthorityCertSerialNumber() != null;
        return Optional.of(new AuthorityKey(keyId, byName));
    }

    private static List<String> alternativeNames(@Nullable Extensions extensions) {
        GeneralNames names =
                extensions == null
                        ? null
                        : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
        return names == null ? List.of() : AlternativeNames.text(names);
    }

    private static List<ExtensionView> extensions(@Nullable Extensions extensions) {
        if (extensions == null) {
            return List.of();
        }
        List<ExtensionView> views = new ArrayList<>();
        for (ASN1ObjectIdentifier oid : extensions.getExtensionOIDs()) {
            Extension extension = extensions.getExtension(oid);
            views.add(
                    new ExtensionView(
                            oid.getId(),
                            extension.isCritical(),
                            extension.getExtnValue().getOctets()));
        }
        return List.copyOf(views);
    }

    private static void optional(
            ASN1EncodableVector parts, boolean explicit, int tag, @Nullable ASN1Encodable part) {
        if (part != null) {
            parts.add(new DERTaggedObject(explicit, tag, part));
        }
    }

    /** Both kinds of time, as Bouncy Castle writes them; its own parser is a SimpleDateFormat. */
    private static Instant instant(Time time) throws ParseException {
        String text = time.getTime();
        if (text.length() != DATE_AND_TIME + UTC.length() || !text.endsWith(UTC)) {
            throw new ParseException(text, DATE_AND_TIME);
        }
        for (int i = 0; i < DATE_AND_TIME; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                throw new ParseException(text, i);
            }
        }
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 4, 6),
                        number(text, 6, 8),
                        number(text, 8, 10),
                        number(text, 10, 12),
                        number(text, 12, DATE_AND_TIME))
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static byte[] encoded(ASN1Object value) {
        return LeafTemplate.encoded(value);
    }

    /**
     * An extension. The array is owned by this value.
     *
     * @param oid dotted
     * @param critical whether it is
     * @param value content of the OCTET STRING
     */
    public record ExtensionView(String oid, boolean critical, byte[] value) {}

    /**
     * An authority key identifier. The array is owned by this value.
     *
     * @param keyId empty when there is none
     * @param issuerAndSerial whether it also, or only, names the issuer's issuer and serial
     */
    public record AuthorityKey(byte[] keyId, boolean issuerAndSerial) {}

    /** Bytes that are no TBSCertificate. */
    public static final class MalformedTbs extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedTbs(String message) {
            super(message, null, false, false);
        }
    }
}
