package dev.countersign.agent.ca;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
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
    private final DenyList denyList;
    private final SpiffeId expected;
    private final RootCounter roots;
    private volatile Optional<TrustRefused> refusal = Optional.empty();
    private volatile List<X509Certificate> accepted = List.of();

    CaServerTrust(SvidVerifier verifier, DenyList denyList, SpiffeId expected, RootCounter roots) {
        this.verifier = verifier;
        this.denyList = denyList;
        this.expected = expected;
        this.roots = roots;
    }

    /** Why the last server was not believed. */
    Optional<TrustRefused> refusal() {
        return refusal;
    }

    /**
     * Why the server of the last handshake would not be believed now; empty when it would, when it has
     * only expired, or when there was none.
     */
    Optional<TrustRefused> revoked() {
        if (accepted.isEmpty()) {
            return Optional.empty();
        }
        try {
            believe(accepted);
            return Optional.empty();
        } catch (TrustRefused e) {
            return e.refusal() == Refusal.EXPIRED ? Optional.empty() : Optional.of(e);
        }
    }

    private VerifiedPeer believe(List<X509Certificate> chain) throws TrustRefused {
        VerifiedPeer peer = verifier.verify(chain, expected);
        Optional<String> denied = denyList.denies(peer);
        if (denied.isPresent()) {
            throw new TrustRefused(Refusal.DENIED, "server: " + peer + " (" + denied.get() + ")");
        }
        return peer;
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
            roots.needed(believe(List.of(chain)));
            accepted = List.of(chain);
            refusal = Optional.empty();
        } catch (TrustRefused e) {
            roots.refusedOutbound(e);
            refusal = Optional.of(e);
            throw e;
        }
    }
}
