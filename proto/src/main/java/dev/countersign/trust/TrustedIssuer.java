package dev.countersign.trust;

import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A root of the bundle, or an intermediate whose path to one was verified: it may sign. Time is not
 * part of that: {@link #isValidAt} is asked on every use.
 *
 * @param subject DER of the name
 * @param rootKeyId subject key identifier of the root that vouches for it, lower-case hex
 * @param key in the form of the provider that verifies
 * @param notBefore the latest of this certificate's and of all above it
 * @param notAfter the earliest of this certificate's and of all above it
 * @param pathLength how many more intermediates may follow
 * @param constraints of this certificate and of all above it
 */
record TrustedIssuer(
        String name,
        byte[] subject,
        String rootKeyId,
        PublicKey key,
        Instant notBefore,
        Instant notAfter,
        int pathLength,
        List<NameConstraints> constraints) {

    static TrustedIssuer root(CertificateFacts root) throws TrustRefused {
        return new TrustedIssuer(
                root.subjectName(),
                root.subject(),
                root.subjectKeyId(),
                NativeCrypto.nativeKey(root.publicKey("root")),
                root.notBefore(),
                root.notAfter(),
                root.pathLength(),
                root.nameConstraints().map(List::of).orElse(List.of()));
    }

    /** An intermediate that this issuer has signed; {@code facts} passed {@link IssuerRules}. */
    TrustedIssuer issue(CertificateFacts facts) throws TrustRefused {
        if (pathLength == 0 && !facts.isSelfIssued()) {
            throw new TrustRefused(
                    Refusal.ISSUER_PATH_LENGTH,
                    facts.subjectName() + ": below " + name + " (expected: no further issuer)");
        }
        int left = facts.isSelfIssued() || isUnlimited() ? pathLength : pathLength - 1;
        List<NameConstraints> all = new ArrayList<>(constraints);
        facts.nameConstraints().ifPresent(all::add);
        return new TrustedIssuer(
                facts.subjectName(),
                facts.subject(),
                rootKeyId,
                NativeCrypto.nativeKey(facts.publicKey("issuer")),
                facts.notBefore().isAfter(notBefore) ? facts.notBefore() : notBefore,
                facts.notAfter().isBefore(notAfter) ? facts.notAfter() : notAfter,
                Math.min(left, facts.pathLength()),
                List.copyOf(all));
    }

    boolean isValidAt(Instant now) {
        return !now.isBefore(notBefore) && !now.isAfter(notAfter);
    }

    /**
     * Constraints on what this issuer signs, itself and above.
     *
     * @throws TrustRefused NAME_CONSTRAINTS
     */
    void checkNames(CertificateFacts below) throws TrustRefused {
        if (constraints.isEmpty()) {
            return;
        }
        List<String> hosts = IssuerRules.uriHosts(below);
        for (NameConstraints constraint : constraints) {
            constraint.check(below, hosts);
        }
    }

    private boolean isUnlimited() {
        return pathLength == Integer.MAX_VALUE;
    }
}
