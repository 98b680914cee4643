package dev.countersign.server.x509;

import dev.countersign.server.x509.CsrRefused.Reason;
import dev.countersign.server.x509.Der.Malformed;
import dev.countersign.server.x509.PublicKeyRules.CheckedKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
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

/**
 * Reads a PKCS#10 request (RFC 2986) as hostile bytes: strict DER, no element too many, a key of a
 * kind the profile allows, a strong signature algorithm, and proof of possession over exactly the
 * bytes received. The cheap checks come first; the one signature check comes last.
 *
 * <p>The structure is read directly; names, attributes and rare kinds of keys, which most requests do
 * not have, by Bouncy Castle, and only if it would write the same bytes.
 */
public final class CsrParser {
    /** Bytes; RSA 8192 with a full set of names needs less than 4 KiB. */
    public static final int MAX_BYTES = 16 * 1024;

    private static final String STRUCTURE = "a CertificationRequest, RFC 2986 section 4";

    private static final byte[] VERSION_1 = {DerWriter.INTEGER, 1, 0};
    private static final byte[] EMPTY_NAME = {DerWriter.SEQUENCE, 0};
    private static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0};

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
        checkDer(der);
        try {
            return parse(DerView.of(der).enter(DerWriter.SEQUENCE));
        } catch (Malformed
                | IllegalArgumentException
                | IllegalStateException
                | ClassCastException
                | IOException e) {
            // Ways of saying that an element has another type than expected.
            throw malformed("another structure", STRUCTURE);
        }
    }

    private CertificateRequest parse(DerView request) throws CsrRefused, Malformed, IOException {
        exactly(request.count(), 3, "request");
        byte[] signed = request.element();
        byte[] algorithm = request.element();
        byte[] signature = request.element();
        DerView info = DerView.of(signed).enter(DerWriter.SEQUENCE);
        exactly(info.count(), 4, "request info");
        checkVersion(info.element());
        checkName(info.element());
        SignatureScheme scheme = scheme(algorithm);
        byte[] spki = info.element();
        CheckedKey key = keys.check(spki);
        List<String> names = requestedNames(info.element());
        checkPossession(key, scheme, signed, DerView.of(signature).read(DerWriter.BIT_STRING));
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

    private static void checkDer(byte[] der) throws CsrRefused {
        try {
            Der.check(der);
        } catch (Malformed e) {
            Reason reason = e.trailing() ? Reason.CSR_TRAILING_BYTES : Reason.CSR_NOT_DER;
            throw new CsrRefused(reason, "csr: " + e.getMessage());
        }
    }

    private static void exactly(int elements, int size, String what) throws CsrRefused {
        if (elements != size) {
            throw malformed(what + " of " + elements + " elements", size + ", RFC 2986 section 4");
        }
    }

    private static void checkVersion(byte[] version) throws CsrRefused {
        if (!Arrays.equals(version, VERSION_1)) {
            throw new CsrRefused(
                    Reason.CSR_VERSION, "csr version: not 0 (expected: 0, RFC 2986 section 4.1)");
        }
    }

    /** Nothing of it is used; but what is not a name has no place here. */
    private static void checkName(byte[] subject) throws CsrRefused, IOException {
        if (!Arrays.equals(subject, EMPTY_NAME)) {
            X500Name.getInstance(primitive(subject));
        }
    }

    private static SignatureScheme scheme(byte[] algorithm) throws CsrRefused, IOException {
        Optional<SignatureScheme> known = SignatureScheme.ofEncoding(algorithm);
        return known.isPresent() ? known.get() : unknownScheme(primitive(algorithm));
    }

    private static SignatureScheme unknownScheme(ASN1Primitive algorithm) throws CsrRefused {
        ASN1Sequence sequence = ASN1Sequence.getInstance(algorithm);
        boolean named =
                sequence.size() > 0 && sequence.getObjectAt(0) instanceof ASN1ObjectIdentifier;
        throw schemeRefused(named ? sequence.getObjectAt(0).toString() : "no name");
    }

    /** As Bouncy Castle reads it, which must be what it would write. */
    private static ASN1Primitive primitive(byte[] der) throws CsrRefused, IOException {
        ASN1Primitive value = ASN1Primitive.fromByteArray(der);
        if (!Arrays.equals(der, value.getEncoded("DER"))) {
            throw malformed("encodes differently", "DER");
        }
        return value;
    }

    private static CsrRefused schemeRefused(String value) {
        return new CsrRefused(
                Reason.CSR_SIGNATURE_ALGORITHM,
                "csr signature algorithm: "
                        + value
                        + " (expected: SHA-256, SHA-384 or SHA-512 with ECDSA or RSA, or Ed25519,"
                        + " with standard parameters)");
    }

    private static void checkPossession(
            CheckedKey key, SignatureScheme scheme, byte[] signed, byte[] signature)
            throws CsrRefused {
        if (!scheme.keyAlgorithm().equals(key.algorithm())) {
            throw schemeRefused(scheme + " with a key of kind " + key.algorithm());
        }
        byte[] octets = Arrays.copyOfRange(signature, 1, signature.length);
        if (signature[0] != 0 || !scheme.verifies(key.key(), signed, octets)) {
            throw new CsrRefused(
                    Reason.CSR_BAD_PROOF_OF_POSSESSION,
                    "csr signature: does not verify (expected: made with the requested key)");
        }
    }

    private static List<String> requestedNames(byte[] element) throws CsrRefused, IOException {
        if (Arrays.equals(element, NO_ATTRIBUTES)) {
            return List.of();
        }
        ASN1TaggedObject tagged =
                ASN1TaggedObject.getContextInstance(ASN1Primitive.fromByteArray(element), 0);
        ASN1Set attributes = ASN1Set.getInstance(tagged, false);
        // The tag hides the SET from the generic check of its order.
        byte[] sorted = new DERTaggedObject(false, 0, attributes).getEncoded("DER");
        if (!Arrays.equals(sorted, element)) {
            throw malformed("attributes out of order", "DER, ascending");
        }
        List<String> names = new ArrayList<>();
        boolean seen = false;
        for (ASN1Encodable attribute : attributes) {
            ASN1Sequence pair = ASN1Sequence.getInstance(attribute);
            exactly(pair.size(), 2, "attribute");
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
        } catch (Malformed e) {
            throw malformed("subject alternative name: " + e.getMessage(), "DER");
        }
        names.addAll(AlternativeNames.text(GeneralNames.getInstance(san.getParsedValue())));
    }

    private static CsrRefused malformed(String value, String expectation) {
        return new CsrRefused(
                Reason.CSR_NOT_DER, "csr: " + value + " (expected: " + expectation + ")");
    }
}
