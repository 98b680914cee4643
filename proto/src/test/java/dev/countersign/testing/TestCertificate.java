package dev.countersign.testing;

import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.X509Svid;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A certificate, its private key, and what issued it.
 *
 * @param issuer empty for a root
 */
public record TestCertificate(
        X509Certificate certificate, PrivateKey key, Optional<TestCertificate> issuer) {

    /** This certificate and its issuers, without the root. */
    public List<X509Certificate> chain() {
        List<X509Certificate> chain = new ArrayList<>(chainWithRoot());
        chain.removeLast();
        return chain.isEmpty() ? List.of(certificate) : List.copyOf(chain);
    }

    /** This certificate and its issuers, the root last. */
    public List<X509Certificate> chainWithRoot() {
        List<X509Certificate> chain = new ArrayList<>();
        Optional<TestCertificate> next = Optional.of(this);
        while (next.isPresent()) {
            chain.add(next.get().certificate());
            next = next.get().issuer();
        }
        return List.copyOf(chain);
    }

    /** Chain and identity; the identity is given because a faulty certificate may not say it. */
    public X509Svid svid(SpiffeId id) {
        return new X509Svid(id, chain());
    }

    @Override
    public String toString() {
        return "TestCertificate[" + certificate.getSubjectX500Principal() + "]";
    }
}
