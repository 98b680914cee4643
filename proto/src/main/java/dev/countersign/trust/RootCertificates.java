package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/** Reads roots from outside: bundles and bootstrap files hold nothing that could not anchor a path. */
public final class RootCertificates {
    private RootCertificates() {}

    /**
     * Reads one root. Its validity is not looked at: that is asked on every use.
     *
     * @param encoded DER, nothing behind it, at most 16 KiB
     * @param trustDomain whose root it is to be
     * @throws TrustRefused unless it is a self-signed CA certificate with a strong key, for this
     *     trust domain or for none
     */
    public static X509Certificate parse(byte[] encoded, TrustDomain trustDomain)
            throws TrustRefused {
        X509Certificate root = read(encoded);
        CertificateFacts facts = CertificateFacts.read(root, "root");
        IssuerRules.checkRoot(facts, trustDomain);
        if (!facts.isSelfIssued()) {
            throw new TrustRefused(
                    Refusal.UNTRUSTED_ISSUER,
                    "root: "
                            + facts.subjectName()
                            + " is issued by "
                            + root.getIssuerX500Principal()
                            + " (expected: by itself)");
        }
        String algorithm = KeyRules.signatureAlgorithm(facts.signatureOid(), "root");
        PublicKey key = facts.publicKey("root");
        if (!NativeCrypto.verify(algorithm, key, facts.signature(), facts.signed())) {
            throw new TrustRefused(
                    Refusal.BAD_SIGNATURE, "root: signature (expected: by its own key)");
        }
        return root;
    }

    private static X509Certificate read(byte[] encoded) throws TrustRefused {
        if (encoded.length > CertificateFacts.MAX_ENCODED) {
            throw new TrustRefused(
                    Refusal.CERTIFICATE_TOO_LARGE,
                    "root: "
                            + encoded.length
                            + " bytes (expected: <= "
                            + CertificateFacts.MAX_ENCODED
                            + ")");
        }
        // The JDK's factory also takes PEM and ignores what follows: both are refused here.
        try {
            X509Certificate root =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(encoded));
            if (Arrays.equals(root.getEncoded(), encoded)) {
                return root;
            }
        } catch (CertificateException | RuntimeException unreadable) {
            throw new TrustRefused(
                    Refusal.CERTIFICATE_MALFORMED,
                    "root: " + unreadable.getMessage() + " (expected: a DER certificate)",
                    unreadable);
        }
        throw new TrustRefused(
                Refusal.CERTIFICATE_MALFORMED, "root: other bytes (expected: only DER)");
    }
}
