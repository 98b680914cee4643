package dev.countersign.server.authority.ceremony;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.TrustRefused;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether a chain from elsewhere will do. Pure; what only shows when something is signed, {@link
 * TestSigning} finds.
 *
 * @param trustDomain whose authority it is to be
 * @param known roots that were ever believed here: none may share a key or a subject with another
 * @param rootLife a root must have at least this much left
 * @param issuerLife and an issuer this much
 */
public record ImportRules(
        TrustDomain trustDomain,
        List<X509Certificate> known,
        Duration rootLife,
        Duration issuerLife) {
    /** Less is not worth a rotation. */
    public static final Duration ROOT_LIFE = Duration.ofDays(30);

    /** Less leaves no time for the next ceremony. */
    public static final Duration ISSUER_LIFE = Duration.ofDays(7);

    public ImportRules {
        known = List.copyOf(known);
    }

    /** A root that is new here, with the issuers below it. */
    public void checkNewRoot(ImportedChain chain, Instant now) throws ImportRefused {
        for (X509Certificate root : known) {
            checkUnlike(chain.root(), root);
        }
        check(chain, now);
    }

    /** Issuers below a root that is believed already. */
    public void checkIssuer(ImportedChain chain, Instant now) throws ImportRefused {
        if (chain.issuers().isEmpty()) {
            throw new ImportRefused(
                    Reason.IMPORT_CHAIN_ORDER, "chain: a root alone (expected: issuer, then root)");
        }
        if (!known.contains(chain.root())) {
            throw new ImportRefused(
                    Reason.IMPORT_NOT_BELIEVED,
                    "root: "
                            + chain.root().getSubjectX500Principal()
                            + " (expected: one that is believed here, byte for byte)");
        }
        check(chain, now);
    }

    private void check(ImportedChain chain, Instant now) throws ImportRefused {
        checkBelievable(chain.root());
        List<X509Certificate> all = chain.all();
        for (int i = 0; i < all.size(); i++) {
            boolean root = i == all.size() - 1;
            X509Certificate certificate = all.get(i);
            checkKeyId(certificate);
            checkTime(certificate, root ? "root" : "issuer", root ? rootLife : issuerLife, now);
            // Below the nearest there is one more that signs: the replica's.
            checkPathLength(certificate, i + 1);
            Optional<X509Certificate> above = chain.above(i);
            if (above.isPresent()) {
                checkUnder(certificate, above.get());
            }
        }
    }

    static void checkKeyId(X509Certificate certificate) throws ImportRefused {
        try {
            KeyIds.ofCertificate(certificate);
        } catch (IllegalArgumentException | ClassCastException none) {
            throw new ImportRefused(
                    Reason.IMPORT_NO_KEY_ID,
                    certificate.getSubjectX500Principal()
                            + ": no subject key identifier (expected: one, RFC 5280 section"
                            + " 4.2.1.2)",
                    none);
        }
    }

    private void checkBelievable(X509Certificate root) throws ImportRefused {
        try {
            RootCertificates.parse(encoded(root), trustDomain);
        } catch (TrustRefused refused) {
            throw new ImportRefused(
                    Reason.IMPORT_NOT_BELIEVED, String.valueOf(refused.getMessage()), refused);
        }
    }

    private static void checkUnlike(X509Certificate root, X509Certificate known)
            throws ImportRefused {
        if (Arrays.equals(root.getPublicKey().getEncoded(), known.getPublicKey().getEncoded())) {
            throw new ImportRefused(
                    Reason.IMPORT_KEY_KNOWN,
                    "root: key of the known root "
                            + known.getSubjectX500Principal()
                            + " (expected: a key of its own)");
        }
        if (root.getSubjectX500Principal().equals(known.getSubjectX500Principal())) {
            throw new ImportRefused(
                    Reason.IMPORT_SUBJECT_KNOWN,
                    "root: subject "
                            + root.getSubjectX500Principal()
                            + " of a known root (expected: a subject of its own)");
        }
    }

    static void checkTime(X509Certificate certificate, String what, Duration least, Instant now)
            throws ImportRefused {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new ImportRefused(
                    Reason.IMPORT_NOT_YET_VALID,
                    what + ": from " + from + " (expected: <= " + now + ")");
        }
        if (!now.isBefore(until)) {
            throw new ImportRefused(
                    Reason.IMPORT_EXPIRED,
                    what + ": until " + until + " (expected: > " + now + ")");
        }
        if (until.isBefore(now.plus(least))) {
            throw new ImportRefused(
                    Reason.IMPORT_LIFE_TOO_SHORT,
                    what + ": until " + until + " (expected: >= " + now.plus(least) + ")");
        }
    }

    /** {@code below}: how many that sign stand below it. */
    static void checkPathLength(X509Certificate certificate, int below) throws ImportRefused {
        int length = certificate.getBasicConstraints();
        if (length >= 0 && length < below) {
            throw new ImportRefused(
                    Reason.IMPORT_PATH_LENGTH,
                    certificate.getSubjectX500Principal()
                            + ": path length "
                            + length
                            + " (expected: >= "
                            + below
                            + ", or none)");
        }
    }

    static void checkUnder(X509Certificate certificate, X509Certificate above)
            throws ImportRefused {
        if (certificate.getNotAfter().toInstant().isAfter(above.getNotAfter().toInstant())) {
            throw new ImportRefused(
                    Reason.IMPORT_OUTLIVES_ISSUER,
                    "issuer: until "
                            + certificate.getNotAfter().toInstant()
                            + " (expected: <= "
                            + above.getNotAfter().toInstant()
                            + ", the end of "
                            + above.getSubjectX500Principal()
                            + ")");
        }
        try {
            certificate.verify(above.getPublicKey());
        } catch (GeneralSecurityException forged) {
            throw new ImportRefused(
                    Reason.IMPORT_CHAIN_ORDER,
                    certificate.getSubjectX500Principal()
                            + ": not signed by "
                            + above.getSubjectX500Principal()
                            + " (expected: each by the one that follows)",
                    forged);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate: does not encode (expected: DER)", e);
        }
    }
}
