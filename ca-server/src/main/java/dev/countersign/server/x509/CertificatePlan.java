package dev.countersign.server.x509;

import dev.countersign.identity.SpiffeId;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Everything that goes into a leaf; nothing of it comes from the request but the key.
 *
 * @param serial random, positive, 127 bits
 * @param id the one URI SAN
 * @param dnsNames DNS SANs, only where the profile says so; usually empty
 * @param subjectPublicKeyInfo DER
 * @param notBefore backdated; kept in whole seconds, as certificates are
 * @param notAfter never past any issuer's; kept in whole seconds
 * @param issuer the signing certificate
 */
public record CertificatePlan(
        BigInteger serial,
        SpiffeId id,
        List<String> dnsNames,
        byte[] subjectPublicKeyInfo,
        Instant notBefore,
        Instant notAfter,
        X509Certificate issuer) {
    public CertificatePlan {
        dnsNames = List.copyOf(dnsNames);
        notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
        notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
    }
}
