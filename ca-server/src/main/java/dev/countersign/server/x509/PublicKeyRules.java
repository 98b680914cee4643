package dev.countersign.server.x509;

import dev.countersign.server.x509.CsrRefused.Reason;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Which public keys are taken: kind, parameters, size, and whether the point is on the curve. */
final class PublicKeyRules {
    /** A SubjectPublicKeyInfo up to the point; the point is {@value #P256_POINT} bytes. */
    private static final byte[] P256_HEADER =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private static final int P256_POINT = 65;
    private static final byte UNCOMPRESSED = 4;
    private static final Curve P256 =
            new Curve(KeyKind.EC_P256, curve(SECObjectIdentifiers.secp256r1));
    private static final Map<ASN1ObjectIdentifier, Curve> CURVES =
            Map.of(
                    SECObjectIdentifiers.secp256r1,
                    P256,
                    SECObjectIdentifiers.secp384r1,
                    new Curve(KeyKind.EC_P384, curve(SECObjectIdentifiers.secp384r1)));

    private final Set<KeyKind> allowed;

    PublicKeyRules(Set<KeyKind> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    /**
     * Checks a key of a request.
     *
     * @param encoded a DER value: a SubjectPublicKeyInfo, or refused
     */
    CheckedKey check(byte[] encoded) throws CsrRefused, IOException {
        if (isP256(encoded) && allowed.contains(KeyKind.EC_P256)) {
            checkPoint(
                    P256.field(),
                    Arrays.copyOfRange(encoded, P256_HEADER.length, encoded.length),
                    SECObjectIdentifiers.secp256r1);
            return key("EC", encoded);
        }
        ASN1Sequence sequence = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(encoded));
        if (sequence.size() != 2 || !Arrays.equals(sequence.getEncoded("DER"), encoded)) {
            throw new CsrRefused(
                    Reason.CSR_NOT_DER,
                    "csr: public key of "
                            + sequence.size()
                            + " elements (expected: 2 in DER, RFC 5280 section 4.1)");
        }
        return check(SubjectPublicKeyInfo.getInstance(sequence), encoded);
    }

    /** By its bytes alone: named curve, uncompressed point. */
    private static boolean isP256(byte[] encoded) {
        return encoded.length == P256_HEADER.length + P256_POINT
                && Arrays.equals(encoded, 0, P256_HEADER.length, P256_HEADER, 0, P256_HEADER.length)
                && encoded[P256_HEADER.length] == UNCOMPRESSED;
    }

    private CheckedKey check(SubjectPublicKeyInfo info, byte[] encoded) throws CsrRefused {
        ASN1BitString bits = info.getPublicKeyData();
        if (bits.getPadBits() != 0) {
            throw new CsrRefused(
                    Reason.CSR_NOT_DER,
                    "public key: " + bits.getPadBits() + " unused bits (expected: 0)");
        }
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            checkEc(info.getAlgorithm(), bits.getOctets());
            return key("EC", encoded);
        }
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            checkRsa(info.getAlgorithm(), bits.getOctets());
            return key("RSA", encoded);
        }
        if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
            checkEd25519(info.getAlgorithm(), bits.getOctets());
            return key("Ed25519", encoded);
        }
        throw keyType(algorithm.getId(), "one of " + allowed());
    }

    private void checkEc(AlgorithmIdentifier algorithm, byte[] point) throws CsrRefused {
        ASN1Encodable parameters = algorithm.getParameters();
        if (parameters instanceof ASN1Sequence) {
            throw new CsrRefused(
                    Reason.CSR_EC_EXPLICIT_PARAMETERS,
                    "EC parameters: explicit (expected: a named curve, RFC 5480 section 2.1.1)");
        }
        if (!(parameters instanceof ASN1ObjectIdentifier oid)) {
            throw curveRefused("no name");
        }
        Curve curve = CURVES.get(oid);
        if (curve == null || !allowed.contains(curve.kind())) {
            throw curveRefused(oid.getId());
        }
        int length = 1 + 2 * ((curve.field().getFieldSize() + 7) / 8);
        if (point.length != length || point[0] != 4) {
            throw new CsrRefused(
                    Reason.CSR_EC_POINT,
                    "EC point: "
                            + point.length
                            + " bytes, form "
                            + (point.length == 0 ? "none" : Integer.toString(point[0] & 0xff))
                            + " (expected: "
                            + length
                            + " bytes, uncompressed form 4)");
        }
        checkPoint(curve.field(), point, oid);
    }

    /** Refuses coordinates outside the field and points off the curve. */
    private static void checkPoint(ECCurve field, byte[] point, ASN1ObjectIdentifier oid)
            throws CsrRefused {
        try {
            field.decodePoint(point);
        } catch (IllegalArgumentException e) {
            throw new CsrRefused(
                    Reason.CSR_EC_POINT, "EC point: not on the curve (expected: on " + oid + ")");
        }
    }

    private void checkRsa(AlgorithmIdentifier algorithm, byte[] encoded) throws CsrRefused {
        if (!allowed.contains(KeyKind.RSA)) {
            throw keyType("RSA", "one of " + allowed());
        }
        if (!DERNull.INSTANCE.equals(algorithm.getParameters())) {
            throw keyType("RSA with parameters", "NULL, RFC 3279 section 2.3.1");
        }
        ASN1Sequence numbers;
        try {
            Der.check(encoded);
            numbers = ASN1Sequence.getInstance(encoded);
        } catch (Der.Malformed | IllegalArgumentException e) {
            throw notRsa("not DER");
        }
        if (numbers.size() != 2
                || !(numbers.getObjectAt(0) instanceof ASN1Integer modulus)
                || !(numbers.getObjectAt(1) instanceof ASN1Integer exponent)) {
            throw notRsa(numbers.size() + " elements");
        }
        RsaRules.check(modulus.getValue(), exponent.getValue());
    }

    private void checkEd25519(AlgorithmIdentifier algorithm, byte[] point) throws CsrRefused {
        if (!allowed.contains(KeyKind.ED25519)) {
            throw keyType("Ed25519", "one of " + allowed());
        }
        if (algorithm.getParameters() != null) {
            throw keyType("Ed25519 with parameters", "none, RFC 8410 section 3");
        }
        if (point.length != Ed25519.PUBLIC_KEY_SIZE || !Ed25519.validatePublicKeyFull(point, 0)) {
            throw new CsrRefused(
                    Reason.CSR_EC_POINT,
                    "Ed25519 key: "
                            + point.length
                            + " bytes, not a point of the prime-order group (expected: 32 bytes, one)");
        }
    }

    private String allowed() {
        return Arrays.toString(allowed.stream().sorted().toArray());
    }

    private CsrRefused curveRefused(String value) {
        return new CsrRefused(
                Reason.CSR_CURVE, "EC curve: " + value + " (expected: one of " + allowed() + ")");
    }

    private static CheckedKey key(String algorithm, byte[] encoded) throws CsrRefused {
        try {
            return new CheckedKey(Arithmetic.publicKey(algorithm, encoded), algorithm);
        } catch (GeneralSecurityException e) {
            throw keyType(algorithm + " the provider does not take", "a usable public key");
        }
    }

    private static CsrRefused keyType(String value, String expectation) {
        return new CsrRefused(
                Reason.CSR_KEY_TYPE, "public key: " + value + " (expected: " + expectation + ")");
    }

    private static CsrRefused notRsa(String value) {
        return new CsrRefused(
                Reason.CSR_NOT_DER,
                "RSA public key: " + value + " (expected: DER modulus and exponent, RFC 8017)");
    }

    private static ECCurve curve(ASN1ObjectIdentifier oid) {
        return CustomNamedCurves.getByOID(oid).getCurve();
    }

    /**
     * A key that passed.
     *
     * @param algorithm {@code EC}, {@code RSA} or {@code Ed25519}
     */
    record CheckedKey(PublicKey key, String algorithm) {}

    private record Curve(KeyKind kind, ECCurve field) {}
}
