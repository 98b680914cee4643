package dev.countersign.server.x509;

import dev.countersign.identity.TrustDomain;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Everything that goes into a signing certificate (X509-SVID section 4: a SPIFFE ID without path).
 *
 * @param serial random, positive, 127 bits
 * @param trustDomain the one URI SAN
 * @param role starts the common name, which ends with the key's id: no two keys share a subject
 * @param subjectPublicKeyInfo DER
 * @param notBefore backdated; kept in whole seconds
 * @param notAfter never past the issuer's; kept in whole seconds
 * @param pathLength how many signing certificates may follow below this one; 0 to 8
 * @param issuer empty = self-signed
 * @param constrained whether a critical name constraint keeps everything below to the trust domain
 */
public record AuthorityPlan(
        BigInteger serial,
        TrustDomain trustDomain,
        Role role,
        byte[] subjectPublicKeyInfo,
        Instant notBefore,
        Instant notAfter,
        int pathLength,
        Optional<X509Certificate> issuer,
        boolean constrained) {
    private static final int MAX_PATH_LENGTH = 8;

    /** What the certificate is for; first words of its common name. */
    public enum Role {
        ROOT("Countersign root"),
        INTERMEDIATE("Countersign intermediate");

        private final String words;

        Role(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** Without a name constraint. */
    public AuthorityPlan(
            BigInteger serial,
            TrustDomain trustDomain,
            Role role,
            byte[] subjectPublicKeyInfo,
            Instant notBefore,
            Instant notAfter,
            int pathLength,
            Optional<X509Certificate> issuer) {
        this(
                serial,
                trustDomain,
                role,
                subjectPublicKeyInfo,
                notBefore,
                notAfter,
                pathLength,
                issuer,
                false);
    }

    public AuthorityPlan {
        if (pathLength < 0 || pathLength > MAX_PATH_LENGTH) {
            throw new IllegalArgumentException(
                    "pathLength: " + pathLength + " (expected: 0 to " + MAX_PATH_LENGTH + ")");
        }
        notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
        notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
    }

    /** {@code CN=Countersign root <first 32 hex digits of the key id>}; X.520 allows 64 characters. */
    public String commonName() {
        return role.words() + " " + KeyIds.hex(subjectPublicKeyInfo).substring(0, 32);
    }
}
