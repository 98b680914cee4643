package dev.countersign.server.lint;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.x509.AuthorityPlan;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.SerialNumbers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The bytes of a good leaf, put together from parts of which any can be exchanged. */
final class LeafBytes {
    static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    static final SpiffeId CART = SpiffeId.parse("spiffe://prod.example/ns/shop/sa/cart");
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final KeyPair ISSUER_KEYS = keys();
    static final KeyPair LEAF_KEYS = keys();
    static final X509Certificate ISSUER = issuer(DOMAIN, NOW.minusSeconds(3_600));
    private static final SecureRandom RANDOM = new SecureRandom();

    int version = 2;
    BigInteger serial;
    ASN1Encodable algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    byte[] issuer = ISSUER.getSubjectX500Principal().getEncoded();
    Instant notBefore;
    Instant notAfter;
    X500Name subject = new X500Name("");
    byte[] spki = LEAF_KEYS.getPublic().getEncoded();
    List<ASN1Encodable> uniqueIds = new ArrayList<>();
    private final Map<ASN1ObjectIdentifier, ASN1Encodable> extensions = new LinkedHashMap<>();

    LeafBytes(CertificatePlan plan) {
        serial = plan.serial();
        notBefore = plan.notBefore();
        notAfter = plan.notAfter();
        set(Extension.subjectAlternativeName, true, new GeneralNames(uri(plan.id().toString())));
        set(Extension.basicConstraints, true, new BasicConstraints(false));
        set(
                Extension.keyUsage,
                true,
                new org.bouncycastle.asn1.x509.KeyUsage(
                        org.bouncycastle.asn1.x509.KeyUsage.digitalSignature));
        set(
                Extension.extendedKeyUsage,
                false,
                new org.bouncycastle.asn1.x509.ExtendedKeyUsage(
                        new KeyPurposeId[] {
                            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                        }));
        set(
                Extension.subjectKeyIdentifier,
                false,
                new SubjectKeyIdentifier(KeyIds.of(plan.subjectPublicKeyInfo())));
        set(
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(KeyIds.ofCertificate(ISSUER)));
    }

    static CertificatePlan plan() {
        return plan(CART, NOW.minusSeconds(300), NOW.plusSeconds(3_600));
    }

    static CertificatePlan plan(SpiffeId id, Instant notBefore, Instant notAfter) {
        return new CertificatePlan(
                SerialNumbers.next(RANDOM),
                id,
                List.of(),
                LEAF_KEYS.getPublic().getEncoded(),
                notBefore,
                notAfter,
                ISSUER);
    }

    LeafBytes with(Consumer<LeafBytes> change) {
        change.accept(this);
        return this;
    }

    /** Puts an extension in, in place of the one of the same OID. */
    void set(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
        extensions.put(oid, new Extension(oid, critical, encoded(value.toASN1Primitive())));
    }

    /** Writes a default out: legal BER, but not DER. */
    void setExplicitlyNotCritical(ASN1ObjectIdentifier oid) {
        Extension extension = Extension.getInstance(extensions.get(oid));
        ASN1Encodable[] parts = {oid, ASN1Boolean.FALSE, extension.getExtnValue()};
        extensions.put(oid, new DERSequence(parts));
    }

    byte[] der() {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        if (version > 0) {
            parts.add(new DERTaggedObject(true, 0, new ASN1Integer(version)));
        }
        parts.add(new ASN1Integer(serial));
        parts.add(algorithm);
        parts.add(ASN1Sequence.getInstance(issuer));
        parts.add(
                new DERSequence(
                        new ASN1Encodable[] {
                            new Time(Date.from(notBefore)), new Time(Date.from(notAfter))
                        }));
        parts.add(subject);
        parts.add(ASN1Sequence.getInstance(spki));
        uniqueIds.forEach(parts::add);
        if (!extensions.isEmpty()) {
            ASN1Sequence all = new DERSequence(extensions.values().toArray(ASN1Encodable[]::new));
            parts.add(new DERTaggedObject(true, 3, all));
        }
        return encoded(new DERSequence(parts));
    }

    static GeneralName uri(String text) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, text);
    }

    static X509Certificate issuer(TrustDomain domain, Instant notBefore) {
        CertificateAssembler assembler = new CertificateAssembler();
        AuthorityPlan plan =
                new AuthorityPlan(
                        BigInteger.ONE.shiftLeft(100),
                        domain,
                        AuthorityPlan.Role.INTERMEDIATE,
                        ISSUER_KEYS.getPublic().getEncoded(),
                        notBefore,
                        notBefore.plusSeconds(86_400),
                        0,
                        Optional.empty());
        byte[] tbs = assembler.toBeSigned(plan, ISSUER_KEYS.getPublic());
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(ISSUER_KEYS.getPrivate());
            signer.update(tbs);
            return assembler.certificate(tbs, ISSUER_KEYS.getPublic(), signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] encoded(org.bouncycastle.asn1.ASN1Object value) {
        try {
            return value.getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
