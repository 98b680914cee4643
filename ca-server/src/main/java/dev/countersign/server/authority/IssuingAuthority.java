package dev.countersign.server.authority;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * An intermediate that signs now, without its key.
 *
 * @param certificate the signing certificate
 * @param chain what a leaf's chain continues with: this certificate and those above it, no root
 * @param keyId lower-case hex subject key identifier
 * @param latestNotAfter the earliest notAfter of this certificate and everything above it
 */
public record IssuingAuthority(
        X509Certificate certificate,
        List<X509Certificate> chain,
        String keyId,
        Instant latestNotAfter) {
    public IssuingAuthority {
        chain = List.copyOf(chain);
    }

    /** A leaf never begins before what signs it, however far it is backdated. */
    public Instant notBefore(Instant backdated) {
        Instant own = certificate.getNotBefore().toInstant();
        return backdated.isBefore(own) ? own : backdated;
    }
}
