package dev.countersign.trust;

import java.math.BigInteger;
import java.security.Principal;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Set;

/** Fails unchecked on every use, as a lazily parsed certificate over garbage does. */
final class BrokenCertificate extends X509Certificate {
    private static final long serialVersionUID = 1L;

    @Override
    public void checkValidity() {
        throw broken();
    }

    @Override
    public void checkValidity(Date date) {
        throw broken();
    }

    @Override
    public int getVersion() {
        throw broken();
    }

    @Override
    public BigInteger getSerialNumber() {
        throw broken();
    }

    @Override
    @Deprecated
    public Principal getIssuerDN() {
        throw broken();
    }

    @Override
    @Deprecated
    public Principal getSubjectDN() {
        throw broken();
    }

    @Override
    public Date getNotBefore() {
        throw broken();
    }

    @Override
    public Date getNotAfter() {
        throw broken();
    }

    @Override
    public byte[] getTBSCertificate() {
        throw broken();
    }

    @Override
    public byte[] getSignature() {
        throw broken();
    }

    @Override
    public String getSigAlgName() {
        throw broken();
    }

    @Override
    public String getSigAlgOID() {
        throw broken();
    }

    @Override
    public byte[] getSigAlgParams() {
        throw broken();
    }

    @Override
    public boolean[] getIssuerUniqueID() {
        throw broken();
    }

    @Override
    public boolean[] getSubjectUniqueID() {
        throw broken();
    }

    @Override
    public boolean[] getKeyUsage() {
        throw broken();
    }

    @Override
    public int getBasicConstraints() {
        throw broken();
    }

    @Override
    public byte[] getEncoded() {
        return new byte[] {1};
    }

    @Override
    public void verify(PublicKey key) {
        throw broken();
    }

    @Override
    public void verify(PublicKey key, String provider) {
        throw broken();
    }

    @Override
    public String toString() {
        return "BrokenCertificate";
    }

    @Override
    public PublicKey getPublicKey() {
        throw broken();
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
        throw broken();
    }

    @Override
    public Set<String> getCriticalExtensionOIDs() {
        throw broken();
    }

    @Override
    public Set<String> getNonCriticalExtensionOIDs() {
        throw broken();
    }

    @Override
    public byte[] getExtensionValue(String oid) {
        throw broken();
    }

    private static IllegalStateException broken() {
        return new IllegalStateException("not parseable");
    }
}
