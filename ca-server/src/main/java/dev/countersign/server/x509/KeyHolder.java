package dev.countersign.server.x509;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/**
 * A certificate that only carries a public key: key stores of PKCS#11 tokens keep no private key
 * without one. It is self-signed, says nothing else, and nobody is to believe it.
 */
public final class KeyHolder {
    private static final Instant FROM = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2049-12-31T00:00:00Z");

    private static final String WORDS = "Countersign key holder ";
    private static final int ID_DIGITS = 32;

    private KeyHolder() {}

    /** Signs with the private key that belongs to the public one. */
    @FunctionalInterface
    public interface Signing {
        byte[] sign(byte[] message) throws GeneralSecurityException;
    }

    /** Makes one. */
    public static X509Certificate make(PublicKey key, Signing signing)
            throws GeneralSecurityException {
        byte[] algorithm = SignatureScheme.of(key).encoding();
        // Each has a subject of its own: key stores find certificates that belong together by it.
        String name = WORDS + KeyIds.hex(key.getEncoded()).substring(0, ID_DIGITS);
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, name).build();
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(
                new ASN1Integer(new BigInteger(1, KeyIds.of(key.getEncoded())).shiftRight(1)));
        generator.setSignature(AlgorithmIdentifier.getInstance(algorithm));
        generator.setIssuer(subject);
        generator.setSubject(subject);
        generator.setStartDate(new Time(Date.from(FROM)));
        generator.setEndDate(new Time(Date.from(UNTIL)));
        generator.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
        byte[] toBeSigned = encoded(generator);
        byte[] der =
                DerWriter.value(
                        DerWriter.SEQUENCE,
                        toBeSigned,
                        algorithm,
                        DerWriter.bits(signing.sign(toBeSigned)));
        return (X509Certificate)
                Arithmetic.certificateFactory().generateCertificate(new ByteArrayInputStream(der));
    }

    private static byte[] encoded(V3TBSCertificateGenerator generator) {
        try {
            return generator.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory does not fail", impossible);
        }
    }
}
