package dev.countersign.agent.proxy.tls;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import io.netty.handler.ssl.SslHandler;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes a peer when {@code SvidVerifier} does and the deny list does not object. On an outbound
 * connection the peer must be exactly the expected one, which fails the handshake before our own
 * certificate is sent.
 */
final class PeerTrustManager extends X509ExtendedTrustManager {
    private static final String PEER = "countersign.peer";
    private static final X509Certificate[] NONE = {};

    private final SvidVerifier verifier;
    private final DenyList denyList;
    private final RootCounter roots;

    /** Of handshakes under way; a session forgets its values when its handshake starts. */
    private final ConcurrentMap<SSLEngine, SpiffeId> expected = new ConcurrentHashMap<>();

    PeerTrustManager(SvidVerifier verifier, DenyList denyList, RootCounter roots) {
        this.verifier = verifier;
        this.denyList = denyList;
        this.roots = roots;
    }

    /** Says, before the handshake, whom it must find at the other end. */
    void expect(SslHandler tls, SpiffeId peer) {
        expected.put(tls.engine(), peer);
        tls.handshakeFuture().addListener(over -> expected.remove(tls.engine()));
    }

    /** The proof left by a handshake that was verified here. */
    static Optional<VerifiedPeer> verifiedPeer(SSLEngine engine) {
        return engine.getSession().getValue(PEER) instanceof VerifiedPeer peer
                ? Optional.of(peer)
                : Optional.empty();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            session(engine).putValue(PEER, believe(verifier.verify(List.of(chain))));
        } catch (TrustRefused refused) {
            roots.refusedInbound(refused);
            throw refused;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        SpiffeId only = expected.get(engine);
        if (only == null) {
            throw new TrustRefused(
                    Refusal.UNEXPECTED_PEER, "expected peer: not set (expected: a SPIFFE ID)");
        }
        try {
            session(engine).putValue(PEER, believe(verifier.verify(List.of(chain), only)));
        } catch (TrustRefused refused) {
            roots.refusedOutbound(refused);
            throw refused;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return NONE;
    }

    private VerifiedPeer believe(VerifiedPeer peer) throws TrustRefused {
        roots.needed(peer);
        Optional<String> denied = denyList.denies(peer);
        if (denied.isPresent()) {
            throw new TrustRefused(Refusal.DENIED, "peer: " + peer + " (" + denied.get() + ")");
        }
        return peer;
    }

    private static SSLSession session(SSLEngine engine) throws CertificateException {
        SSLSession session = engine.getHandshakeSession();
        if (session == null) {
            throw withoutEngine();
        }
        return session;
    }

    private static CertificateException withoutEngine() {
        return new CertificateException("handshake: without an engine (expected: SSLEngine)");
    }
}
