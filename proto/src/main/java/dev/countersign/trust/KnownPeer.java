package dev.countersign.trust;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A chain that was verified, byte by byte, and when it is valid. That a leaf was signed stays true; that
 * whoever shows it has its key is the handshake's to prove, each time.
 *
 * @param chain DER of each certificate, leaf first
 * @param notBefore the latest of all in the path
 * @param notAfter the earliest of all in the path
 */
record KnownPeer(List<byte[]> chain, VerifiedPeer peer, Instant notBefore, Instant notAfter) {
    /** Empty where the chain has something behind its path that is no certificate of our size. */
    static Optional<KnownPeer> of(
            List<X509Certificate> chain,
            CertificateFacts leaf,
            TrustedIssuer issuer,
            VerifiedPeer peer) {
        List<byte[]> encoded = new ArrayList<>(chain.size());
        try {
            for (X509Certificate one : chain) {
                encoded.add(CertificateFacts.encoded(one, "chain"));
            }
        } catch (TrustRefused strange) {
            return Optional.empty();
        }
        return Optional.of(
                new KnownPeer(
                        List.copyOf(encoded),
                        peer,
                        later(leaf.notBefore(), issuer.notBefore()),
                        earlier(leaf.notAfter(), issuer.notAfter())));
    }

    /** Whether this chain is that one, at a moment at which all of its path is valid. */
    boolean is(List<X509Certificate> other, Instant now) {
        if (other.size() != chain.size() || now.isBefore(notBefore) || now.isAfter(notAfter)) {
            return false;
        }
        try {
            for (int i = 0; i < chain.size(); i++) {
                if (!Arrays.equals(chain.get(i), CertificateFacts.encoded(other.get(i), "chain"))) {
                    return false;
                }
            }
            return true;
        } catch (TrustRefused strange) {
            return false;
        }
    }

    private static Instant earlier(Instant one, Instant two) {
        return one.isBefore(two) ? one : two;
    }

    private static Instant later(Instant one, Instant two) {
        return one.isAfter(two) ? one : two;
    }
}
