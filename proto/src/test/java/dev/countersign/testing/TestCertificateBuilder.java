package dev.countersign.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One certificate in the making. Starts right; each method asks for one thing to be different. Where
 * the JDK refuses to parse the result, the certificate is Bouncy Castle's view of the same bytes.
 */
public final class TestCertificateBuilder {
    private static final Duration BACKDATE = Duration.ofMinutes(5);
    private static final Duration LEAF_LIFE = Duration.ofHours(1);
    private static final int SERIAL_BITS = 127;

    private final TestAuthority authority;
    private final SecureRandom random;
    private final Instant now;
    private final List<GeneralName> names = new ArrayList<>();
    private final Map<ASN1ObjectIdentifier, Extension> extra = new LinkedHashMap<>();

    private @Nullable KeyPair keyPair;
    private @Nullable TestCertificate issuer;
    private @Nullable String issuerName;
    private @Nullable Boolean sanCritical;
    private @Nullable BasicConstraints basicConstraints;
    private @Nullable ExtendedKeyUsage extendedKeyUsage;
    private @Nullable String signatureAlgorithm;
    private @Nullable BigInteger serial;
    private @Nullable PrivateKey signer;
    private String subject = "";
    private int keyUsage;
    private boolean keyUsagePresent = true;
    private boolean keyUsageCritical = true;
    private boolean keyIds = true;
    private boolean corrupt;
    private Instant notBefore;
    private Instant notAfter;

    TestCertificateBuilder(TestAuthority authority, Instant now, SecureRandom random) {
        this.authority = authority;
        this.now = now;
        this.random = random;
        this.notBefore = now.minus(BACKDATE);
        this.notAfter = now.plus(LEAF_LIFE);
    }

    /** Replaces all URI SANs. */
    public TestCertificateBuilder uris(String... uris) {
        names.removeIf(name -> name.getTagNo() == GeneralName.uniformResourceIdentifier);
        for (String uri : uris) {
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
        }
        return this;
    }

    public TestCertificateBuilder dns(String... hosts) {
        for (String host : hosts) {
            names.add(new GeneralName(GeneralName.dNSName, host));
        }
        return this;
    }

    /** RFC 4514, for instance {@code CN=web}; empty = no subject. */
    public TestCertificateBuilder subject(String name) {
        this.subject = name;
        return this;
    }

    /** Otherwise critical exactly when the subject is empty. */
    public TestCertificateBuilder sanCritical(boolean critical) {
        this.sanCritical = critical;
        return this;
    }

    public TestCertificateBuilder ca(boolean ca) {
        this.basicConstraints = new BasicConstraints(ca);
        return this;
    }

    /** CA:TRUE with this path length. */
    public TestCertificateBuilder pathLength(int length) {
        this.basicConstraints = new BasicConstraints(length);
        return this;
    }

    public TestCertificateBuilder withoutBasicConstraints() {
        this.basicConstraints = null;
        return this;
    }

    /** Bits of {@link KeyUsage}. */
    public TestCertificateBuilder keyUsage(int bits) {
        this.keyUsage = bits;
        return this;
    }

    public TestCertificateBuilder withoutKeyUsage() {
        this.keyUsagePresent = false;
        return this;
    }

    public TestCertificateBuilder keyUsageCritical(boolean critical) {
        this.keyUsageCritical = critical;
        return this;
    }

    /** None = the extension is absent. */
    public TestCertificateBuilder extendedKeyUsage(KeyPurposeId... usages) {
        this.extendedKeyUsage = usages.length == 0 ? null : new ExtendedKeyUsage(usages);
        return this;
    }

    public TestCertificateBuilder validity(Instant from, Instant until) {
        this.notBefore = from;
        this.notAfter = until;
        return this;
    }

    /** From five minutes ago until this long from now. */
    public TestCertificateBuilder life(Duration life) {
        return validity(now.minus(BACKDATE), now.plus(life));
    }

    public TestCertificateBuilder keyPair(KeyPair pair) {
        this.keyPair = pair;
        return this;
    }

    /** See {@link TestAuthority#newKeyPair(String)}. */
    public TestCertificateBuilder keyKind(String kind) {
        return keyPair(authority.newKeyPair(kind));
    }

    /** JCA name; otherwise SHA-256 with what the issuer's key is. */
    public TestCertificateBuilder signatureAlgorithm(String name) {
        this.signatureAlgorithm = name;
        return this;
    }

    public TestCertificateBuilder serial(BigInteger number) {
        this.serial = number;
        return this;
    }

    public TestCertificateBuilder issuedBy(TestCertificate by) {
        this.issuer = by;
        return this;
    }

    /** Names another issuer than the one that signs. */
    public TestCertificateBuilder issuerName(String name) {
        this.issuerName = name;
        return this;
    }

    /** Signs with another key than the issuer's: a forgery under its name. */
    public TestCertificateBuilder signedWith(PrivateKey key) {
        this.signer = key;
        return this;
    }

    /** Changes one bit of the signature's last byte. */
    public TestCertificateBuilder corruptSignature() {
        this.corrupt = true;
        return this;
    }

    public TestCertificateBuilder withoutKeyIds() {
        this.keyIds = false;
        return this;
    }

    /** Adds, or replaces, an extension by its raw content. */
    public TestCertificateBuilder extension(String oid, boolean critical, byte[] content) {
        ASN1ObjectIdentifier id = new ASN1ObjectIdentifier(oid);
        extra.put(id, new Extension(id, critical, new DEROctetString(content)));
        return this;
    }

    /** URI constraints: hosts, or domains with a leading dot. */
    public TestCertificateBuilder permittedUris(String... hosts) {
        return constraints(subtrees(GeneralName.uniformResourceIdentifier, hosts), null);
    }

    public TestCertificateBuilder excludedUris(String... hosts) {
        return constraints(null, subtrees(GeneralName.uniformResourceIdentifier, hosts));
    }

    public TestCertificateBuilder permittedDns(String... hosts) {
        return constraints(subtrees(GeneralName.dNSName, hosts), null);
    }

    public TestCertificate build() {
        KeyPair pair = keyPair == null ? authority.newKeyPair() : keyPair;
        PrivateKey signingKey = signingKey(pair);
        try {
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            issuerName(),
                            serial == null ? new BigInteger(SERIAL_BITS, random).setBit(0) : serial,
                            Date.from(notBefore),
                            Date.from(notAfter),
                            new X500Name(subject),
                            pair.getPublic());
            for (Extension extension : extensions(pair.getPublic()).values()) {
                builder.addExtension(extension);
            }
            byte[] encoded = builder.build(contentSigner(signingKey)).getEncoded();
            if (corrupt) {
                encoded[encoded.length - 1] ^= 1;
            }
            return new TestCertificate(
                    parse(encoded), pair.getPrivate(), Optional.ofNullable(issuer));
        } catch (IOException | OperatorCreationException | CertificateException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    TestCertificateBuilder leafProfile() {
        ca(false);
        keyUsage(KeyUsage.digitalSignature);
        return extendedKeyUsage(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    }

    TestCertificateBuilder issuerProfile() {
        ca(true);
        return keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
    }

    private PrivateKey signingKey(KeyPair own) {
        if (signer != null) {
            return signer;
        }
        return issuer == null ? own.getPrivate() : issuer.key();
    }

    private ContentSigner contentSigner(PrivateKey signingKey) throws OperatorCreationException {
        String algorithm = algorithm(signingKey);
        JcaContentSignerBuilder signers = new JcaContentSignerBuilder(algorithm);
        if (algorithm.endsWith("MGF1")) {
            signers.setProvider(new BouncyCastleProvider()); // the JDK calls RSA-PSS otherwise
        }
        return signers.build(signingKey);
    }

    private X500Name issuerName() {
        if (issuerName != null) {
            return new X500Name(issuerName);
        }
        return issuer == null
                ? new X500Name(subject)
                : X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded());
    }

    private String algorithm(PrivateKey signingKey) {
        if (signatureAlgorithm != null) {
            return signatureAlgorithm;
        }
        return switch (signingKey.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
    }

    private Map<ASN1ObjectIdentifier, Extension> extensions(PublicKey key)
            throws IOException, CertificateException {
        Map<ASN1ObjectIdentifier, Extension> all = new LinkedHashMap<>();
        if (!names.isEmpty()) {
            boolean critical = sanCritical == null ? subject.isEmpty() : sanCritical;
            GeneralNames value = new GeneralNames(names.toArray(GeneralName[]::new));
            put(all, Extension.subjectAlternativeName, critical, value);
        }
        if (basicConstraints != null) {
            put(all, Extension.basicConstraints, true, basicConstraints);
        }
        if (keyUsagePresent) {
            put(all, Extension.keyUsage, keyUsageCritical, new KeyUsage(keyUsage));
        }
        if (extendedKeyUsage != null) {
            put(all, Extension.extendedKeyUsage, false, extendedKeyUsage);
        }
        if (keyIds) {
            putKeyIds(all, key);
        }
        all.putAll(extra);
        return all;
    }

    private void putKeyIds(Map<ASN1ObjectIdentifier, Extension> all, PublicKey key)
            throws IOException, CertificateException {
        try {
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            put(all, Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
            PublicKey issuerKey = issuer == null ? key : issuer.certificate().getPublicKey();
            put(
                    all,
                    Extension.authorityKeyIdentifier,
                    false,
                    utils.createAuthorityKeyIdentifier(issuerKey));
        } catch (java.security.NoSuchAlgorithmException unavailable) {
            throw new CertificateException(unavailable);
        }
    }

    private TestCertificateBuilder constraints(
            GeneralSubtree @Nullable [] permitted, GeneralSubtree @Nullable [] excluded) {
        try {
            byte[] content = new NameConstraints(permitted, excluded).getEncoded("DER");
            return extension(Extension.nameConstraints.getId(), true, content);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static GeneralSubtree[] subtrees(int form, String... bases) {
        List<GeneralSubtree> subtrees = new ArrayList<>();
        for (String base : bases) {
            subtrees.add(new GeneralSubtree(new GeneralName(form, base)));
        }
        return subtrees.toArray(GeneralSubtree[]::new);
    }

    private static void put(
            Map<ASN1ObjectIdentifier, Extension> all,
            ASN1ObjectIdentifier oid,
            boolean critical,
            ASN1Encodable value)
            throws IOException {
        all.put(oid, new Extension(oid, critical, value.toASN1Primitive().getEncoded("DER")));
    }

    private static X509Certificate parse(byte[] encoded) throws CertificateException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(encoded));
        } catch (CertificateException jdkRefuses) {
            return (X509Certificate)
                    new org.bouncycastle.jcajce.provider.asymmetric.x509.CertificateFactory()
                            .engineGenerateCertificate(new ByteArrayInputStream(encoded));
        }
    }
}
