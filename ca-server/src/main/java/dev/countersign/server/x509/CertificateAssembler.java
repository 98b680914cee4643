package dev.countersign.server.x509;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Turns plans into to-be-signed bytes, and those with a signature into certificates. Leaves follow
 * the profile of X509-SVID sections 3 to 5: one critical URI SAN, an empty subject, no CA,
 * digitalSignature, serverAuth and clientAuth. Thread-safe.
 */
public final class CertificateAssembler {
    /** Of the issuer used last; issuers change about once a day. */
    private volatile @Nullable LeafTemplate template;

    /**
     * DER TBSCertificate of a leaf.
     *
     * @throws IllegalArgumentException when the issuer has no subject key identifier or an unknown
     *     kind of key
     */
    public byte[] toBeSigned(CertificatePlan plan) {
        LeafTemplate current = template;
        if (current == null || !current.isFor(plan.issuer())) {
            current = new LeafTemplate(plan.issuer());
            template = current;
        }
        return current.toBeSigned(plan);
    }

    /**
     * DER TBSCertificate of a root or an intermediate.
     *
     * @param issuerKey the key that will sign: the plan's own when it is self-signed
     */
    public byte[] toBeSigned(AuthorityPlan plan, PublicKey issuerKey) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, plan.commonName()).build();
        generator.setSerialNumber(new ASN1Integer(plan.serial()));
        generator.setSignature(
                AlgorithmIdentifier.getInstance(SignatureScheme.of(issuerKey).encoding()));
        generator.setIssuer(
                plan.issuer()
                        .map(issuer -> X500Name.getInstance(LeafTemplate.subject(issuer)))
                        .orElse(subject));
        generator.setStartDate(new Time(Date.from(plan.notBefore())));
        generator.setEndDate(new Time(Date.from(plan.notAfter())));
        generator.setSubject(subject);
        generator.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(plan.subjectPublicKeyInfo()));
        try {
            generator.setExtensions(extensions(plan).generate());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return LeafTemplate.encoded(generator.generateTBSCertificate());
    }

    /**
     * The certificate of these bytes and this signature. Neither is checked here: the caller runs the
     * verifier.
     *
     * @param issuerKey decides the signature algorithm that is written beside the signature
     */
    public X509Certificate certificate(byte[] toBeSigned, PublicKey issuerKey, byte[] signature) {
        return new EncodedCertificate(
                DerWriter.value(
                        DerWriter.SEQUENCE,
                        toBeSigned,
                        SignatureScheme.of(issuerKey).encoding(),
                        DerWriter.bits(signature)));
    }

    private static ExtensionsGenerator extensions(AuthorityPlan plan) throws IOException {
        byte[] keyId = KeyIds.of(plan.subjectPublicKeyInfo());
        byte[] issuerKeyId = plan.issuer().map(KeyIds::ofCertificate).orElse(keyId);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.basicConstraints, true, new BasicConstraints(plan.pathLength()));
        extensions.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        extensions.addExtension(
                Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId));
        extensions.addExtension(
                Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(issuerKeyId));
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                        new GeneralName(
                                GeneralName.uniformResourceIdentifier, plan.trustDomain().id())));
        if (plan.constrained()) {
            GeneralName host =
                    new GeneralName(
                            GeneralName.uniformResourceIdentifier, plan.trustDomain().name());
            extensions.addExtension(
                    Extension.nameConstraints,
                    true,
                    new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(host)}, null));
        }
        return extensions;
    }
}
