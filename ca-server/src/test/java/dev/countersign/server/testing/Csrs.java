package dev.countersign.server.testing;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Keys and PKCS#10 requests as a test wants them. */
public final class Csrs {
    private Csrs() {}

    public static KeyPair p256() {
        return ec("secp256r1");
    }

    public static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A good request for the key that asks for nothing. */
    public static byte[] of(KeyPair keys) {
        return build(keys.getPublic(), keys.getPrivate(), "");
    }

    /** A request of somebody's public key, signed by another's private one. */
    public static byte[] signedByAnother(PublicKey key, PrivateKey other) {
        return build(key, other, "");
    }

    /** A request for the key that asks for a URI name. */
    public static byte[] withUri(KeyPair keys, String uri) {
        return build(keys.getPublic(), keys.getPrivate(), uri);
    }

    /** A good request for a key that only its vault can sign with. */
    public static byte[] signedBy(SigningKey key) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), key.publicKey())
                    .build(new VaultSigner(key))
                    .getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] build(PublicKey key, PrivateKey signer, String uri) {
        try {
            PKCS10CertificationRequestBuilder builder =
                    new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), key);
            if (!uri.isEmpty()) {
                builder.addAttribute(
                        PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                        new Extensions(
                                new Extension(
                                        Extension.subjectAlternativeName,
                                        false,
                                        new GeneralNames(
                                                        new GeneralName(
                                                                GeneralName
                                                                        .uniformResourceIdentifier,
                                                                uri))
                                                .getEncoded())));
            }
            String algorithm =
                    signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            return builder.build(new JcaContentSignerBuilder(algorithm).build(signer)).getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class VaultSigner implements ContentSigner {
        private final SigningKey key;
        private final ByteArrayOutputStream signed = new ByteArrayOutputStream();

        VaultSigner(SigningKey key) {
            this.key = key;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new DefaultSignatureAlgorithmIdentifierFinder().find(key.signatureAlgorithm());
        }

        @Override
        public OutputStream getOutputStream() {
            return signed;
        }

        @Override
        public byte[] getSignature() {
            try {
                return key.sign(signed.toByteArray());
            } catch (KeyVaultException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
