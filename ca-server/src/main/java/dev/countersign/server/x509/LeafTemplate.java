package dev.countersign.server.x509;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * The parts of a leaf that are the same for every leaf of one issuer, encoded once. A leaf is then
 * a dozen array copies.
 */
final class LeafTemplate {
    private static final byte[] VERSION_3 = {(byte) 0xa0, 3, 2, 1, 2};
    private static final byte[] EMPTY_SUBJECT = {0x30, 0};
    private static final byte[] CRITICAL = {DerWriter.BOOLEAN, 1, (byte) 0xff};
    private static final byte[] SAN_OID = {6, 3, 0x55, 0x1d, 0x11};
    private static final byte[] SKI_OID = {6, 3, 0x55, 0x1d, 0x0e};
    private static final int EXTENSIONS_TAG = 0xa3;
    private static final int DNS_TAG = 0x82;
    private static final int URI_TAG = 0x86;
    private static final byte[] USAGES = usages();

    private final X509Certificate issuer;
    private final byte[] algorithm;
    private final byte[] issuerName;
    private final byte[] authorityKeyId;

    LeafTemplate(X509Certificate issuer) {
        this.issuer = issuer;
        algorithm = SignatureScheme.of(issuer.getPublicKey()).encoding();
        issuerName = subject(issuer);
        authorityKeyId = authorityKeyId(KeyIds.ofCertificate(issuer));
    }

    boolean isFor(X509Certificate certificate) {
        return issuer.equals(certificate);
    }

    byte[] toBeSigned(CertificatePlan plan) {
        byte[] extensions =
                DerWriter.value(
                        DerWriter.SEQUENCE,
                        names(plan),
                        USAGES,
                        subjectKeyId(plan.subjectPublicKeyInfo()),
                        authorityKeyId);
        return DerWriter.value(
                DerWriter.SEQUENCE,
                VERSION_3,
                DerWriter.integer(plan.serial()),
                algorithm,
                issuerName,
                DerWriter.value(
                        DerWriter.SEQUENCE,
                        DerWriter.time(plan.notBefore()),
                        DerWriter.time(plan.notAfter())),
                EMPTY_SUBJECT,
                plan.subjectPublicKeyInfo(),
                DerWriter.value(EXTENSIONS_TAG, extensions));
    }

    /** Exactly the issuer's bytes: a name that is only equal breaks chain building elsewhere. */
    static byte[] subject(X509Certificate certificate) {
        try {
            return encoded(Certificate.getInstance(certificate.getEncoded()).getSubject());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("issuer: does not encode (expected: DER)", e);
        }
    }

    static byte[] encoded(ASN1Object value) {
        try {
            return value.getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Critical, because the subject is empty (RFC 5280 section 4.2.1.6). */
    private static byte[] names(CertificatePlan plan) {
        byte[][] names = new byte[1 + plan.dnsNames().size()][];
        names[0] = DerWriter.ascii(URI_TAG, plan.id().toString());
        for (int i = 1; i < names.length; i++) {
            names[i] = DerWriter.ascii(DNS_TAG, plan.dnsNames().get(i - 1));
        }
        return DerWriter.value(
                DerWriter.SEQUENCE,
                SAN_OID,
                CRITICAL,
                DerWriter.value(
                        DerWriter.OCTET_STRING, DerWriter.value(DerWriter.SEQUENCE, names)));
    }

    private static byte[] subjectKeyId(byte[] subjectPublicKeyInfo) {
        byte[] id = DerWriter.value(DerWriter.OCTET_STRING, KeyIds.of(subjectPublicKeyInfo));
        return DerWriter.value(
                DerWriter.SEQUENCE, SKI_OID, DerWriter.value(DerWriter.OCTET_STRING, id));
    }

    private static byte[] authorityKeyId(byte[] keyId) {
        return extension(
                Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId));
    }

    private static byte[] usages() {
        byte[] constraints =
                extension(Extension.basicConstraints, true, new BasicConstraints(false));
        byte[] usage = extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        byte[] extended =
                extension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(
                                new KeyPurposeId[] {
                                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                                }));
        byte[] all = new byte[constraints.length + usage.length + extended.length];
        System.arraycopy(constraints, 0, all, 0, constraints.length);
        System.arraycopy(usage, 0, all, constraints.length, usage.length);
        System.arraycopy(extended, 0, all, constraints.length + usage.length, extended.length);
        return all;
    }

    private static byte[] extension(ASN1ObjectIdentifier oid, boolean critical, ASN1Object value) {
        try {
            return encoded(new Extension(oid, critical, value.getEncoded("DER")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
