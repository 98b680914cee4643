package dev.countersign.server.x509;

import dev.countersign.server.x509.Der.Malformed;
import dev.countersign.server.x509.TbsView.ExtensionView;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The parts of a TBSCertificate (RFC 5280 section 4.1), in bytes that passed {@link Der#check}. Shares
 * nothing with what writes them; the tests hold both against Bouncy Castle.
 *
 * @param version 1 to 3
 * @param signatureAlgorithm DER AlgorithmIdentifier
 * @param issuer DER Name
 * @param subject DER Name
 * @param subjectPublicKeyInfo DER
 * @param extensions in order; no two of the same OID
 * @param writesDefaults whether a value is written out that DER leaves out (X.690 section 11.5)
 */
record TbsReader(
        int version,
        BigInteger serial,
        byte[] signatureAlgorithm,
        byte[] issuer,
        Instant notBefore,
        Instant notAfter,
        byte[] subject,
        byte[] subjectPublicKeyInfo,
        boolean hasUniqueIds,
        List<ExtensionView> extensions,
        boolean writesDefaults) {
    private static final int VERSION = 0xa0;
    private static final int ISSUER_UNIQUE_ID = 0x81;
    private static final int SUBJECT_UNIQUE_ID = 0x82;
    private static final int EXTENSIONS = 0xa3;
    private static final int OID = 0x06;

    /** Reads all of it; {@code checked} is one DER value. */
    static TbsReader read(byte[] checked) throws Malformed {
        DerView tbs = DerView.of(checked).enter(DerWriter.SEQUENCE);
        boolean versioned = tbs.isNext(VERSION);
        int version = versioned ? version(tbs.enter(VERSION)) : 1;
        BigInteger serial = new BigInteger(tbs.read(DerWriter.INTEGER));
        byte[] algorithm = sequence(tbs);
        byte[] issuer = sequence(tbs);
        DerView validity = tbs.enter(DerWriter.SEQUENCE);
        Instant notBefore = DerTime.read(validity);
        Instant notAfter = DerTime.read(validity);
        validity.finish();
        byte[] subject = sequence(tbs);
        byte[] subjectPublicKeyInfo = sequence(tbs);
        boolean issuerId = skip(tbs, ISSUER_UNIQUE_ID);
        boolean subjectId = skip(tbs, SUBJECT_UNIQUE_ID);
        List<ExtensionView> extensions = new ArrayList<>(8);
        boolean explicitFalse = tbs.hasNext() && extensions(tbs.enter(EXTENSIONS), extensions);
        tbs.finish();
        return new TbsReader(
                version,
                serial,
                algorithm,
                issuer,
                notBefore,
                notAfter,
                subject,
                subjectPublicKeyInfo,
                issuerId || subjectId,
                List.copyOf(extensions),
                explicitFalse || (versioned && version == 1));
    }

    private static int version(DerView holder) throws Malformed {
        byte[] version = holder.read(DerWriter.INTEGER);
        holder.finish();
        if (version.length != 1 || version[0] < 0 || version[0] > 2) {
            throw new Malformed(false, "version (expected: 0 to 2)");
        }
        return version[0] + 1;
    }

    private static byte[] sequence(DerView view) throws Malformed {
        if (!view.isNext(DerWriter.SEQUENCE)) {
            throw new Malformed(false, "another element (expected: a SEQUENCE)");
        }
        return view.element();
    }

    private static boolean skip(DerView view, int tag) throws Malformed {
        boolean there = view.isNext(tag);
        if (there) {
            view.element();
        }
        return there;
    }

    /** Whether one of them says that it is not critical instead of saying nothing. */
    private static boolean extensions(DerView holder, List<ExtensionView> found) throws Malformed {
        DerView extensions = holder.enter(DerWriter.SEQUENCE);
        holder.finish();
        Set<String> oids = new HashSet<>();
        boolean explicitFalse = false;
        while (extensions.hasNext()) {
            DerView extension = extensions.enter(DerWriter.SEQUENCE);
            String oid = Oids.dotted(extension.read(OID));
            boolean marked = extension.isNext(DerWriter.BOOLEAN);
            boolean critical = marked && extension.read(DerWriter.BOOLEAN)[0] != 0;
            byte[] value = extension.read(DerWriter.OCTET_STRING);
            extension.finish();
            if (!oids.add(oid)) {
                throw new Malformed(false, oid + " twice (expected: once)");
            }
            explicitFalse |= marked && !critical;
            found.add(new ExtensionView(oid, critical, value));
        }
        return explicitFalse;
    }
}
