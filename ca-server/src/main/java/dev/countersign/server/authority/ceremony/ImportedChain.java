package dev.countersign.server.authority.ceremony;

import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Signing certificates as somebody brought them: the online issuer first if there is one, then
 * those above it, the root last. Read, not yet checked.
 *
 * @param issuers from the nearest to the leaf upwards; none when the root itself signs here
 * @param root self-issued
 */
public record ImportedChain(List<X509Certificate> issuers, X509Certificate root) {
    /** Characters of PEM. */
    public static final int MAX_CHARS = PemCertificates.MAX_CHARS;

    /** Leaf, replica and root stand beside them in a chain of five. */
    private static final int MAX_ISSUERS = 2;

    public ImportedChain {
        issuers = List.copyOf(issuers);
    }

    /**
     * Reads PEM blocks (RFC 7468).
     *
     * @throws ImportRefused {@code IMPORT_MALFORMED} unless there are certificates and nothing
     *     else, {@code IMPORT_CHAIN_ORDER} unless each names the next as its issuer and the last
     *     itself
     */
    public static ImportedChain parse(String pem) throws ImportRefused {
        return of(PemCertificates.read(pem));
    }

    /** As {@link #parse}; a chain that ends below one of the known roots is completed with it. */
    public static ImportedChain completed(String pem, List<X509Certificate> known)
            throws ImportRefused {
        return completed(PemCertificates.read(pem), known);
    }

    /** The same, read already. */
    public static ImportedChain completed(List<X509Certificate> read, List<X509Certificate> known)
            throws ImportRefused {
        List<X509Certificate> certificates = new ArrayList<>(read);
        X509Certificate last = certificates.getLast();
        if (!last.getIssuerX500Principal().equals(last.getSubjectX500Principal())) {
            known.stream()
                    .filter(root ->
                            root.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                    .findFirst()
                    .ifPresent(certificates::add);
        }
        return of(certificates);
    }

    /** From certificates in the order of a chain. */
    public static ImportedChain of(List<X509Certificate> certificates) throws ImportRefused {
        if (certificates.size() > MAX_ISSUERS + 1) {
            throw malformed(certificates.size() + " certificates", "<= " + (MAX_ISSUERS + 1));
        }
        for (int i = 0; i < certificates.size(); i++) {
            X509Certificate above = certificates.get(Math.min(i + 1, certificates.size() - 1));
            if (!certificates
                    .get(i)
                    .getIssuerX500Principal()
                    .equals(above.getSubjectX500Principal())) {
                throw new ImportRefused(
                        Reason.IMPORT_CHAIN_ORDER,
                        "certificate "
                                + (i + 1)
                                + " of "
                                + certificates.size()
                                + ": issued by "
                                + certificates.get(i).getIssuerX500Principal()
                                + " (expected: by "
                                + above.getSubjectX500Principal()
                                + ", which follows it; issuer first, root last)");
            }
        }
        return new ImportedChain(
                certificates.subList(0, certificates.size() - 1), certificates.getLast());
    }

    /** What signs here: the nearest issuer, or the root. */
    public X509Certificate signing() {
        return issuers.isEmpty() ? root : issuers.getFirst();
    }

    /** The certificate above the one at this place; empty for the root. */
    Optional<X509Certificate> above(int place) {
        if (place >= issuers.size()) {
            return Optional.empty();
        }
        return Optional.of(place + 1 < issuers.size() ? issuers.get(place + 1) : root);
    }

    /** All of them, the root last. */
    List<X509Certificate> all() {
        List<X509Certificate> all = new ArrayList<>(issuers);
        all.add(root);
        return all;
    }

    private static ImportRefused malformed(String value, String expectation) {
        return new ImportRefused(
                Reason.IMPORT_MALFORMED, "chain: " + value + " (expected: " + expectation + ")");
    }
}
