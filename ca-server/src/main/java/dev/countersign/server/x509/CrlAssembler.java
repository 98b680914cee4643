package dev.countersign.server.x509;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V2TBSCertListGenerator;

/**
 * Certificate revocation lists (RFC 5280, section 5). One list of the root for everything under it,
 * so it is an indirect one: entries name the intermediate that issued the certificate.
 */
public final class CrlAssembler {
    private CrlAssembler() {}

    /**
     * A revoked certificate.
     *
     * @param issuer subject of the intermediate that issued it, DER; the list's own issuer's for an
     *     intermediate
     * @param at when it was revoked
     */
    public record Entry(byte[] issuer, BigInteger serial, Instant at) {}

    /**
     * DER TBSCertList.
     *
     * @param issuer who will sign; its key usage must allow it
     * @param number rises with every list
     */
    public static byte[] toBeSigned(
            X509Certificate issuer,
            long number,
            Instant thisUpdate,
            Instant nextUpdate,
            List<Entry> entries) {
        V2TBSCertListGenerator generator = new V2TBSCertListGenerator();
        X500Name name = X500Name.getInstance(LeafTemplate.subject(issuer));
        generator.setSignature(algorithm(issuer.getPublicKey()));
        generator.setIssuer(name);
        generator.setThisUpdate(new Time(Date.from(thisUpdate)));
        generator.setNextUpdate(new Time(Date.from(nextUpdate)));
        try {
            // An entry without a name is of the one before it: those of the list's own issuer
            // first.
            entries.stream()
                    .sorted(Comparator.comparing(entry -> !isOf(entry, name)))
                    .forEach(entry -> add(generator, entry, name));
            generator.setExtensions(extensions(issuer, number));
            return generator.generateTBSCertList().getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The list of these bytes and this signature, DER. */
    public static byte[] list(byte[] toBeSigned, PublicKey issuerKey, byte[] signature) {
        return DerWriter.value(
                DerWriter.SEQUENCE,
                toBeSigned,
                SignatureScheme.of(issuerKey).encoding(),
                DerWriter.bits(signature));
    }

    /** The subject of our intermediate with this key id, DER: see {@link AuthorityPlan#commonName}. */
    public static byte[] intermediateName(String keyId) {
        String words = AuthorityPlan.Role.INTERMEDIATE.words();
        try {
            return new X500NameBuilder()
                    .addRDN(BCStyle.CN, words + " " + keyId.substring(0, 32))
                    .build()
                    .getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(V2TBSCertListGenerator generator, Entry entry, X500Name own) {
        try {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(
                    Extension.reasonCode, false, CRLReason.lookup(CRLReason.privilegeWithdrawn));
            if (!isOf(entry, own)) {
                extensions.addExtension(
                        Extension.certificateIssuer,
                        true,
                        new GeneralNames(new GeneralName(X500Name.getInstance(entry.issuer()))));
            }
            generator.addCRLEntry(
                    new ASN1Integer(entry.serial()),
                    new Time(Date.from(entry.at())),
                    extensions.generate());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOf(Entry entry, X500Name name) {
        return X500Name.getInstance(entry.issuer()).equals(name);
    }

    private static Extensions extensions(X509Certificate issuer, long number) throws IOException {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(KeyIds.ofCertificate(issuer)));
        extensions.addExtension(
                Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
        extensions.addExtension(
                Extension.issuingDistributionPoint,
                true,
                new IssuingDistributionPoint(null, false, false, null, true, false));
        return extensions.generate();
    }

    private static AlgorithmIdentifier algorithm(PublicKey key) {
        return AlgorithmIdentifier.getInstance(SignatureScheme.of(key).encoding());
    }
}
