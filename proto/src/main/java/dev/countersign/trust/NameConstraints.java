package dev.countersign.trust;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Name constraints of an issuer (RFC 5280, section 4.2.1.10). Constraints on URIs are honoured:
 * they apply to the trust domain. Any other constrained name form is honoured by refusing every
 * certificate below that holds such a name, which the RFC allows.
 *
 * @param permittedUris hosts, or domains with a leading dot; meaningful only if URIs are constrained
 * @param permitsUris whether there is a permitted subtree for URIs at all
 * @param excludedUris hosts, or domains with a leading dot
 * @param otherForms GeneralName tags other than URI that are constrained
 */
record NameConstraints(
        List<String> permittedUris,
        boolean permitsUris,
        List<String> excludedUris,
        Set<Integer> otherForms) {
    private static final int PERMITTED = 0xa0;
    private static final int EXCLUDED = 0xa1;
    private static final int URI = 0x86;
    private static final int FORM_BITS = 0x1f;
    private static final int DIRECTORY_NAME = 4;

    static NameConstraints read(Der content) throws CertificateParsingException {
        List<String> permitted = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        Set<Integer> others = new HashSet<>();
        if (content.hasNext() && content.nextTag() == PERMITTED) {
            readSubtrees(content.enter(PERMITTED), permitted, others);
        }
        if (content.hasNext()) {
            readSubtrees(content.enter(EXCLUDED), excluded, others);
        }
        content.finish();
        return new NameConstraints(
                List.copyOf(permitted),
                !permitted.isEmpty(),
                List.copyOf(excluded),
                Set.copyOf(others));
    }

    /**
     * @param trustDomains hosts of the URI names in the certificate below
     * @throws TrustRefused NAME_CONSTRAINTS
     */
    void check(CertificateFacts below, List<String> trustDomains) throws TrustRefused {
        for (String host : trustDomains) {
            boolean permitted = !permitsUris || matchesAny(permittedUris, host);
            if (!permitted || matchesAny(excludedUris, host)) {
                throw refused(below, "URI host " + host, "permitted by its issuer");
            }
        }
        for (int form : otherForms) {
            boolean directoryName = form == DIRECTORY_NAME && !below.hasEmptySubject();
            if (directoryName || below.nameForms().contains(form)) {
                throw refused(below, "a name of form " + form, "none: its issuer constrains them");
            }
        }
    }

    private static void readSubtrees(Der subtrees, List<String> uris, Set<Integer> others)
            throws CertificateParsingException {
        while (subtrees.hasNext()) {
            Der subtree = subtrees.enter(Der.SEQUENCE);
            int tag = subtree.nextTag();
            byte[] base = subtree.read(tag);
            // minimum and maximum: RFC 5280 has no use for them, so nobody may mean anything by
            // them.
            subtree.finish();
            if (tag == URI) {
                uris.add(new String(base, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT));
            } else {
                others.add(tag & FORM_BITS);
            }
        }
    }

    private static boolean matchesAny(List<String> constraints, String host) {
        for (String constraint : constraints) {
            boolean domain = constraint.startsWith(".") && host.endsWith(constraint);
            if (constraint.isEmpty() || domain || host.equals(constraint)) {
                return true;
            }
        }
        return false;
    }

    private static TrustRefused refused(CertificateFacts below, String found, String expectation) {
        return new TrustRefused(
                Refusal.NAME_CONSTRAINTS,
                below.subjectName() + ": " + found + " (expected: " + expectation + ")");
    }
}
