package dev.countersign.server.x509;

import dev.countersign.identity.TrustDomain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/**
 * A PKCS#10 request of an online issuer, for a root that is kept elsewhere. It asks for what the
 * certificate must have: a CA below which so many may sign, the trust domain as its one URI name.
 */
public final class IssuerRequest {
    private static final int ID_DIGITS = 32;

    private IssuerRequest() {}

    /**
     * Makes one, DER.
     *
     * @param signing with the private key that belongs to {@code key}
     */
    public static byte[] make(TrustDomain trustDomain, PublicKey key, KeyHolder.Signing signing)
            throws GeneralSecurityException {
        return make(trustDomain, key, 1, commonName(key.getEncoded()), signing);
    }

    /**
     * One of an intermediate of a process, DER.
     *
     * @param pathLength how many that sign may follow below it
     * @param signing with the private key that belongs to {@code key}
     */
    public static byte[] make(
            TrustDomain trustDomain, PublicKey key, int pathLength, KeyHolder.Signing signing)
            throws GeneralSecurityException {
        return make(trustDomain, key, pathLength, intermediateName(key.getEncoded()), signing);
    }

    private static byte[] make(
            TrustDomain trustDomain,
            PublicKey key,
            int pathLength,
            String commonName,
            KeyHolder.Signing signing)
            throws GeneralSecurityException {
        try {
            ExtensionsGenerator wanted = new ExtensionsGenerator();
            wanted.addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength));
            wanted.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            wanted.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                            new GeneralName(
                                    GeneralName.uniformResourceIdentifier, trustDomain.id())));
            return new PKCS10CertificationRequestBuilder(
                            new X500NameBuilder().addRDN(BCStyle.CN, commonName).build(),
                            SubjectPublicKeyInfo.getInstance(key.getEncoded()))
                    .addAttribute(
                            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, wanted.generate())
                    .build(new Signer(key, signing))
                    .getEncoded();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        } catch (Unsigned failed) {
            throw new GeneralSecurityException(failed.getMessage(), failed.getCause());
        }
    }

    /** What issuers are called: each key has a subject of its own. */
    public static String commonName(byte[] subjectPublicKeyInfo) {
        return "Countersign issuer " + KeyIds.hex(subjectPublicKeyInfo).substring(0, ID_DIGITS);
    }

    /** What intermediates are called, wherever they are signed. */
    public static String intermediateName(byte[] subjectPublicKeyInfo) {
        return AuthorityPlan.Role.INTERMEDIATE.words()
                + " "
                + KeyIds.hex(subjectPublicKeyInfo).substring(0, ID_DIGITS);
    }

    /** Bouncy Castle's signer has no checked exceptions. */
    private static final class Unsigned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsigned(GeneralSecurityException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private static final class Signer implements ContentSigner {
        private final PublicKey key;
        private final KeyHolder.Signing signing;
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();

        Signer(PublicKey key, KeyHolder.Signing signing) {
            this.key = key;
            this.signing = signing;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return AlgorithmIdentifier.getInstance(SignatureScheme.of(key).encoding());
        }

        @Override
        public OutputStream getOutputStream() {
            return message;
        }

        @Override
        public byte[] getSignature() {
            try {
                return signing.sign(message.toByteArray());
            } catch (GeneralSecurityException failed) {
                throw new Unsigned(failed);
            }
        }
    }
}
