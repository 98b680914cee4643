package dev.countersign.server.x509;

import dev.countersign.server.x509.CsrRefused.Reason;
import dev.countersign.server.x509.PublicKeyRules.CheckedKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Reads a PKCS#10 request (RFC 2986) as hostile bytes: strict DER, no element too many, a key of a
 * kind the profile allows, a strong signature algorithm, and proof of possession over exactly the
 * bytes received. The cheap checks come first; the one signature check comes last.
 */
public final class CsrParser {
    /** Bytes; RSA 8192 with a full set of names needs less than 4 KiB. */
    public static final int MAX_BYTES = 16 * 1024;

    private static final String STRUCTURE = "a CertificationRequest, RFC 2986 section 4";

    private final PublicKeyRules keys;

    /**
     * @param allowedKeys what the profile lets in; {@link KeyKind#ALL} for everything known
     */
    public CsrParser(Set<KeyKind> allowedKeys) {
        keys = new PublicKeyRules(allowedKeys);
    }

    /**
     * Parses and checks.
     *
     * @param der the request; not kept
     * @throws CsrRefused with the first rule that is broken
     */
    public CertificateRequest parse(byte[] der) throws CsrRefused {
        checkSize(der);
        ASN1Sequence request = sequence(der);
        try {
            return parse(request);
        } catch (IllegalArgumentException
                | IllegalStateException
                | ClassCastException
                | IOException e) {
            // Bouncy Castle's ways of saying that an element has another type than expected.
            throw malformed("another structure", STRUCTURE);
        }
    }

    private CertificateRequest parse(ASN1Sequence request) throws CsrRefused, IOException {
        exactly(request, 3, "request");
        ASN1Sequence info = ASN1Sequence.getInstance(request.getObjectAt(0));
        exactly(info, 4, "request info");
        checkVersion(info.getObjectAt(0));
        X500Name.getInstance(info.getObjectAt(1));
        SignatureScheme scheme = scheme(request.getObjectAt(1));
        byte[] spki = info.getObjectAt(2).toASN1Primitive().getEncoded("DER");
        CheckedKey key = keys.check(subjectPublicKeyInfo(info.getObjectAt(2)), spki);
        List<String> names = requestedNames(info.getObjectAt(3));
        checkPossession(key, scheme, info.getEncoded("DER"), request.getObjectAt(2));
        return new CertificateRequest(key.key(), spki, Arithmetic.sha256Hex(spki), names);
    }

    private static void checkSize(byte[] der) throws CsrRefused {
        if (der.length == 0) {
            throw new CsrRefused(Reason.CSR_MISSING, "csr: 0 bytes (expected: a PKCS#10 request)");
        }
        if (der.length > MAX_BYTES) {
            throw new CsrRefused(
                    Reason.CSR_TOO_LARGE,
                    "csr: " + der.length + " bytes (expected: <= " + MAX_BYTES + ")");
        }
    }

    private static ASN1Sequence sequence(byte[] der) throws CsrRefused {
        try {
            Der.check(der);
        } catch (Der.Malformed e) {
            Reason reason = e.trailing() ? Reason.CSR_TRAILING_BYTES : Reason.CSR_NOT_DER;
            throw new CsrRefused(reason, "csr: " + e.getMessage());
        }
        try {
            ASN1Primitive value = ASN1Primitive.fromByteArray(der);
            if (value instanceof ASN1Sequence sequence
                    && Arrays.equals(der, value.getEncoded("DER"))) {
                return sequence;
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw malformed("not ASN.1", "DER");
        }
        throw malformed("encodes differently", "a DER SEQUENCE");
    }

    private static void exactly(ASN1Sequence sequence, int size, String what) throws CsrRefused {
        if (sequence.size() != size) {
            throw malformed(
                    what + " of " + sequence.size() + " elements", size + ", RFC 2986 section 4");
        }
    }

    private static void checkVersion(ASN1Encodable version) throws CsrRefused {
        if (!(version instanceof ASN1Integer number) || !number.hasValue(0)) {
            throw new CsrRefused(
                    Reason.CSR_VERSION, "csr version: not 0 (expected: 0, RFC 2986 section 4.1)");
        }
    }

    private static SignatureScheme scheme(ASN1Encodable algorithm) throws CsrRefused, IOException {
        byte[] encoded = ASN1Sequence.getInstance(algorithm).getEncoded("DER");
        return SignatureScheme.ofEncoding(encoded)
                .orElseThrow(() -> schemeRefused(algorithmName(algorithm)));
    }

    private static String algorithmName(ASN1Encodable algorithm) {
        ASN1Sequence sequence = ASN1Sequence.getInstance(algorithm);
        boolean named =
                sequence.size() > 0 && sequence.getObjectAt(0) instanceof ASN1ObjectIdentifier;
        return named ? sequence.getObjectAt(0).toString() : "no name";
    }

    private static CsrRefused schemeRefused(String value) {
        return new CsrRefused(
                Reason.CSR_SIGNATURE_ALGORITHM,
                "csr signature algorithm: "
                        + value
                        + " (expected: SHA-256, SHA-384 or SHA-512 with ECDSA or RSA, or Ed25519,"
                        + " with standard parameters)");
    }

    private static SubjectPublicKeyInfo subjectPublicKeyInfo(ASN1Encodable element)
            throws CsrRefused {
        ASN1Sequence sequence = ASN1Sequence.getInstance(element);
        exactly(sequence, 2, "public key");
        return SubjectPublicKeyInfo.getInstance(sequence);
    }

    private static void checkPossession(
            CheckedKey key, SignatureScheme scheme, byte[] signed, ASN1Encodable signature)
            throws CsrRefused {
        if (!scheme.keyAlgorithm().equals(key.algorithm())) {
            throw schemeRefused(scheme + " with a key of kind " + key.algorithm());
        }
        ASN1BitString bits = ASN1BitString.getInstance(signature);
        if (bits.getPadBits() != 0 || !scheme.verifies(key.key(), signed, bits.getOctets())) {
            throw new CsrRefused(
                    Reason.CSR_BAD_PROOF_OF_POSSESSION,
                    "csr signature: does not verify (expected: made with the requested key)");
        }
    }

    private static List<String> requestedNames(ASN1Encodable element)
            throws CsrRefused, IOException {
        ASN1TaggedObject tagged = ASN1TaggedObject.getContextInstance(element, 0);
        ASN1Set attributes = ASN1Set.getInstance(tagged, false);
        // The tag hides the SET from the generic check of its order.
        byte[] sorted = new DERTaggedObject(false, 0, attributes).getEncoded("DER");
        if (!Arrays.equals(sorted, tagged.getEncoded("DER"))) {
            throw malformed("attributes out of order", "DER, ascending");
        }
        List<String> names = new ArrayList<>();
        boolean seen = false;
        for (ASN1Encodable attribute : attributes) {
            ASN1Sequence pair = ASN1Sequence.getInstance(attribute);
            exactly(pair, 2, "attribute");
            ASN1Set values = ASN1Set.getInstance(pair.getObjectAt(1));
            if (PKCSObjectIdentifiers.pkcs_9_at_extensionRequest.equals(pair.getObjectAt(0))) {
                if (seen || values.size() != 1) {
                    throw malformed("several extension requests", "at most 1, RFC 2985");
                }
                seen = true;
                addNames(extensions(values.getObjectAt(0)), names);
            }
        }
        return names;
    }

    /** An explicit {@code critical FALSE} is a default written out: not DER. */
    private static Extensions extensions(ASN1Encodable value) throws CsrRefused, IOException {
        Extensions extensions = Extensions.getInstance(value);
        byte[] received = value.toASN1Primitive().getEncoded("DER");
        if (!Arrays.equals(extensions.getEncoded("DER"), received)) {
            throw malformed("extensions encode differently", "DER");
        }
        return extensions;
    }

    private static void addNames(Extensions extensions, List<String> names) throws CsrRefused {
        Extension san = extensions.getExtension(Extension.subjectAlternativeName);
        if (san == null) {
            return;
        }
        try {
            Der.check(san.getExtnValue().getOctets());
        } catch (Der.Malformed e) {
            throw malformed("subject alternative name: " + e.getMessage(), "DER");
        }
        names.addAll(AlternativeNames.text(GeneralNames.getInstance(san.getParsedValue())));
    }

    private static CsrRefused malformed(String value, String expectation) {
        return new CsrRefused(
                Reason.CSR_NOT_DER, "csr: " + value + " (expected: " + expectation + ")");
    }
}
