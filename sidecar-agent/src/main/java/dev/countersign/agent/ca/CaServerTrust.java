package dev.countersign.agent.ca;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes a server that holds a valid SVID with exactly the CA's identity. DNS names play no part:
 * the SPIFFE ID is the stricter check, and no workload can obtain that one.
 */
final class CaServerTrust extends X509ExtendedTrustManager {
    private final SvidVerifier verifier;
    private final SpiffeId expected;
    private final RootCounter roots;
    private volatile Optional<TrustRefused> refusal = Optional.empty();

    CaServerTrust(SvidVerifier verifier, SpiffeId expected, RootCounter roots) {
        this.verifier = verifier;
        this.expected = expected;
        this.roots = roots;
    }

    /** Why the last server was not believed. */
    Optional<TrustRefused> refusal() {
        return refusal;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("this side is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("this side is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("this side is a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private void check(X509Certificate[] chain) throws TrustRefused {
        try {
            roots.needed(verifier.verify(List.of(chain), expected));
            refusal = Optional.empty();
        } catch (TrustRefused e) {
            roots.refusedOutbound(e);
            refusal = Optional.of(e);
            throw e;
        }
    }
}
