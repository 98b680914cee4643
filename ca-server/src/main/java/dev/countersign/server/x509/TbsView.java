package dev.countersign.server.x509;

import dev.countersign.server.x509.Der.Malformed;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A read-only view of the exact bytes that are about to be signed, read back from them and
 * independent of whoever wrote them. For the rules of the linter, which see JDK types only. The
 * arrays are owned by this value.
 */
public final class TbsView {
    private static final String SUBJECT_KEY_ID = "2.5.29.14";
    private static final String AUTHORITY_KEY_ID = "2.5.29.35";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final int KEY_ID = 0x80;
    private static final byte[] NONE = {};

    private final TbsReader tbs;
    private final List<String> alternativeNames;

    private TbsView(TbsReader tbs) throws Malformed {
        this.tbs = tbs;
        Optional<ExtensionView> names = extension(ALTERNATIVE_NAMES);
        alternativeNames = names.isEmpty() ? List.of() : AlternativeNames.text(names.get().value());
    }

    /**
     * Reads a TBSCertificate; keeps the array.
     *
     * @throws MalformedTbs when it is none, or not strict DER
     */
    public static TbsView parse(byte[] der) throws MalformedTbs {
        try {
            Der.check(der);
        } catch (Malformed e) {
            throw new MalformedTbs(String.valueOf(e.getMessage()));
        }
        try {
            return new TbsView(TbsReader.read(der));
        } catch (Malformed | RuntimeException e) {
            // Times that do not exist, and names that Bouncy Castle does not know, are unchecked.
            throw new MalformedTbs(
                    "another structure (expected: a TBSCertificate, RFC 5280 section 4.1)");
        }
    }

    /** Whether writing every part that was read anew would give the same bytes again. */
    public boolean canonical() {
        return !tbs.writesDefaults();
    }

    /** 1 to 3. */
    public int version() {
        return tbs.version();
    }

    public BigInteger serial() {
        return tbs.serial();
    }

    /** DER AlgorithmIdentifier. */
    public byte[] signatureAlgorithm() {
        return tbs.signatureAlgorithm();
    }

    /** DER Name. */
    public byte[] issuer() {
        return tbs.issuer();
    }

    /** DER Name. */
    public byte[] subject() {
        return tbs.subject();
    }

    public Instant notBefore() {
        return tbs.notBefore();
    }

    public Instant notAfter() {
        return tbs.notAfter();
    }

    /** DER. */
    public byte[] subjectPublicKeyInfo() {
        return tbs.subjectPublicKeyInfo();
    }

    /** What a key identifier is the hash of: the content of the BIT STRING. */
    public byte[] publicKeyBits() {
        return KeyIds.bits(tbs.subjectPublicKeyInfo());
    }

    /** Whether it has an issuerUniqueID or a subjectUniqueID. */
    public boolean hasUniqueIds() {
        return tbs.hasUniqueIds();
    }

    /** In the order of the certificate; no two have the same OID. */
    public List<ExtensionView> extensions() {
        return tbs.extensions();
    }

    /** The extension of this OID in dotted form. */
    public Optional<ExtensionView> extension(String oid) {
        for (ExtensionView extension : tbs.extensions()) {
            if (extension.oid().equals(oid)) {
                return Optional.of(extension);
            }
        }
        return Optional.empty();
    }

    /** Every alternative name as {@code URI:…}, {@code DNS:…}, …, in order. */
    public List<String> alternativeNames() {
        return alternativeNames;
    }

    /**
     * The subject key identifier; empty array when there is none.
     *
     * @throws IllegalArgumentException when it is not an OCTET STRING
     */
    public byte[] subjectKeyId() {
        return extension(SUBJECT_KEY_ID)
                .map(extension -> content(extension, DerWriter.OCTET_STRING))
                .orElse(NONE);
    }

    /**
     * How the certificate points at its issuer.
     *
     * @throws IllegalArgumentException when it is not a SEQUENCE
     */
    public Optional<AuthorityKey> authorityKey() {
        return extension(AUTHORITY_KEY_ID)
                .map(extension -> authorityKey(content(extension, DerWriter.SEQUENCE)));
    }

    private static AuthorityKey authorityKey(byte[] content) {
        try {
            DerView parts = DerView.of(content);
            byte[] keyId = parts.isNext(KEY_ID) ? parts.read(KEY_ID) : NONE;
            return new AuthorityKey(keyId, parts.hasNext());
        } catch (Malformed impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    /** Of an extension whose value is one element of this tag. */
    private static byte[] content(ExtensionView extension, int tag) {
        try {
            Der.check(extension.value());
            return DerView.of(extension.value()).read(tag);
        } catch (Malformed e) {
            throw new IllegalArgumentException(extension.oid() + ": " + e.getMessage(), e);
        }
    }

    /**
     * An extension. The array is owned by this value.
     *
     * @param oid dotted
     * @param critical whether it is
     * @param value content of the OCTET STRING
     */
    public record ExtensionView(String oid, boolean critical, byte[] value) {}

    /**
     * An authority key identifier. The array is owned by this value.
     *
     * @param keyId empty when there is none
     * @param issuerAndSerial whether it also, or only, names the issuer's issuer and serial
     */
    public record AuthorityKey(byte[] keyId, boolean issuerAndSerial) {}

    /** Bytes that are no TBSCertificate. */
    public static final class MalformedTbs extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedTbs(String message) {
            super(message, null, false, false);
        }
    }
}
