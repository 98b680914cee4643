package dev.countersign.server.x509;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Principal;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that was made here, as its bytes. A leaf is verified, hashed and sent by its bytes
 * alone; the JDK reads it when somebody asks for anything else, which takes longer than a signature.
 */
final class EncodedCertificate extends X509Certificate {
    private static final long serialVersionUID = 1L;
    private static final CertificateFactory CERTIFICATES = Arithmetic.certificateFactory();

    private final byte[] der;
    private transient volatile @Nullable X509Certificate read;

    /** Owns the array. */
    EncodedCertificate(byte[] der) {
        this.der = der;
    }

    /**
     * As the JDK reads it.
     *
     * @throws IllegalStateException when it does not parse
     */
    X509Certificate read() {
        X509Certificate known = read;
        if (known == null) {
            try {
                known =
                        (X509Certificate)
                                CERTIFICATES.generateCertificate(new ByteArrayInputStream(der));
            } catch (CertificateException e) {
                throw new IllegalStateException("certificate: does not parse (expected: X.509)", e);
            }
            read = known; // two threads may both read it: they read the same
        }
        return known;
    }

    @Override
    public byte[] getEncoded() {
        return der.clone();
    }

    @Override
    public void checkValidity()
            throws CertificateExpiredException, CertificateNotYetValidException {
        read().checkValidity();
    }

    @Override
    public void checkValidity(Date date)
            throws CertificateExpiredException, CertificateNotYetValidException {
        read().checkValidity(date);
    }

    @Override
    public int getVersion() {
        return read().getVersion();
    }

    @Override
    public BigInteger getSerialNumber() {
        return read().getSerialNumber();
    }

    @Override
    @Deprecated
    public Principal getIssuerDN() {
        return read().getIssuerX500Principal();
    }

    @Override
    @Deprecated
    public Principal getSubjectDN() {
        return read().getSubjectX500Principal();
    }

    @Override
    public Date getNotBefore() {
        return read().getNotBefore();
    }

    @Override
    public Date getNotAfter() {
        return read().getNotAfter();
    }

    @Override
    public byte[] getTBSCertificate() throws CertificateEncodingException {
        return read().getTBSCertificate();
    }

    @Override
    public byte[] getSignature() {
        return read().getSignature();
    }

    @Override
    public String getSigAlgName() {
        return read().getSigAlgName();
    }

    @Override
    public String getSigAlgOID() {
        return read().getSigAlgOID();
    }

    @Override
    public byte @Nullable [] getSigAlgParams() {
        return read().getSigAlgParams();
    }

    @Override
    public boolean @Nullable [] getIssuerUniqueID() {
        return read().getIssuerUniqueID();
    }

    @Override
    public boolean @Nullable [] getSubjectUniqueID() {
        return read().getSubjectUniqueID();
    }

    @Override
    public boolean @Nullable [] getKeyUsage() {
        return read().getKeyUsage();
    }

    @Override
    public int getBasicConstraints() {
        return read().getBasicConstraints();
    }

    @Override
    public PublicKey getPublicKey() {
        return read().getPublicKey();
    }

    @Override
    public void verify(PublicKey key)
            throws CertificateException,
                    NoSuchAlgorithmException,
                    InvalidKeyException,
                    NoSuchProviderException,
                    SignatureException {
        read().verify(key);
    }

    @Override
    public void verify(PublicKey key, String provider)
            throws CertificateException,
                    NoSuchAlgorithmException,
                    InvalidKeyException,
                    NoSuchProviderException,
                    SignatureException {
        read().verify(key, provider);
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
        return read().hasUnsupportedCriticalExtension();
    }

    @Override
    public @Nullable Set<String> getCriticalExtensionOIDs() {
        return read().getCriticalExtensionOIDs();
    }

    @Override
    public @Nullable Set<String> getNonCriticalExtensionOIDs() {
        return read().getNonCriticalExtensionOIDs();
    }

    @Override
    public byte @Nullable [] getExtensionValue(String oid) {
        return read().getExtensionValue(oid);
    }

    @Override
    public String toString() {
        return read().toString();
    }
}
