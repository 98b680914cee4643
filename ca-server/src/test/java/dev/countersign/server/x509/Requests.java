package dev.countersign.server.x509;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/** PKCS#10 requests put together by hand, so that any part can be wrong while the rest is right. */
final class Requests {
    static final byte[] VERSION_0 = {2, 1, 0};
    static final byte[] EMPTY_NAME = {0x30, 0};
    static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0};
    static final KeyPair P256 = ec("secp256r1");

    byte[] version = VERSION_0;
    byte[] subject = EMPTY_NAME;
    byte[] spki;
    byte[] attributes = NO_ATTRIBUTES;
    byte[] algorithm;
    byte[] moreInfo = {};
    byte[] more = {};
    private final PrivateKey key;
    private final String jcaName;
    private final @Nullable AlgorithmParameterSpec parameters;

    private Requests(
            KeyPair keys,
            String jcaName,
            byte[] algorithm,
            @Nullable AlgorithmParameterSpec parameters) {
        this.key = keys.getPrivate();
        this.spki = keys.getPublic().getEncoded();
        this.jcaName = jcaName;
        this.algorithm = algorithm;
        this.parameters = parameters;
    }

    /** A good request of one P-256 key. */
    static Requests good() {
        return of(P256, SignatureScheme.ECDSA_SHA256);
    }

    static Requests of(KeyPair keys, SignatureScheme scheme) {
        return new Requests(keys, scheme.jcaName(), scheme.encoding(), null);
    }

    static Requests of(KeyPair keys, SignatureScheme scheme, AlgorithmParameterSpec parameters) {
        return new Requests(keys, scheme.jcaName(), scheme.encoding(), parameters);
    }

    static Requests of(KeyPair keys, String jcaName, byte[] algorithm) {
        return new Requests(keys, jcaName, algorithm, null);
    }

    Requests with(java.util.function.Consumer<Requests> change) {
        change.accept(this);
        return this;
    }

    byte[] info() {
        return DerWriter.value(0x30, version, subject, spki, attributes, moreInfo);
    }

    /** Signed with the right key over the bytes as they are. */
    byte[] der() {
        return DerWriter.value(0x30, info(), algorithm, DerWriter.bits(signature()), more);
    }

    byte[] signature() {
        try {
            Signature signer = Signature.getInstance(jcaName);
            if (parameters != null) {
                signer.setParameter(parameters);
            }
            signer.initSign(key);
            signer.update(info());
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] requestedNames(GeneralName... names) {
        return extensionRequest(
                extension(Extension.subjectAlternativeName.getId(), der(new GeneralNames(names))));
    }

    static byte[] extension(String oid, byte[] value) {
        return DerWriter.value(0x30, oid(oid), DerWriter.value(4, value));
    }

    static byte[] extensionRequest(byte[]... extensions) {
        return DerWriter.value(0xa0, attribute(extensions));
    }

    static byte[] attribute(byte[]... extensions) {
        return DerWriter.value(
                0x30,
                oid(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest.getId()),
                DerWriter.value(0x31, DerWriter.value(0x30, extensions)));
    }

    static byte[] oid(String oid) {
        return der(new org.bouncycastle.asn1.ASN1ObjectIdentifier(oid));
    }

    static byte[] utf8(String text) {
        return DerWriter.value(0x0c, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] commonName(String text) {
        return DerWriter.value(
                0x30, DerWriter.value(0x31, DerWriter.value(0x30, oid("2.5.4.3"), utf8(text))));
    }

    static byte[] der(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static KeyPair ec(String curve) {
        return generate("EC", new ECGenParameterSpec(curve));
    }

    static KeyPair rsa(int bits, BigInteger exponent) {
        return generate("RSA", new RSAKeyGenParameterSpec(bits, exponent));
    }

    static KeyPair ed25519() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A SubjectPublicKeyInfo of any RSA numbers. */
    static byte[] rsaInfo(BigInteger modulus, BigInteger exponent) {
        byte[] key = DerWriter.value(0x30, DerWriter.integer(modulus), DerWriter.integer(exponent));
        return DerWriter.value(
                0x30,
                DerWriter.value(0x30, oid("1.2.840.113549.1.1.1"), new byte[] {5, 0}),
                DerWriter.bits(key));
    }

    /** A SubjectPublicKeyInfo of any point on any curve. */
    static byte[] ecInfo(byte[] curve, byte[] point) {
        return DerWriter.value(
                0x30,
                DerWriter.value(0x30, oid("1.2.840.10045.2.1"), curve),
                DerWriter.bits(point));
    }

    private static KeyPair generate(String algorithm, AlgorithmParameterSpec parameters) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
