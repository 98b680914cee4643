package dev.countersign.server.federation;

import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.SvidVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Believes exactly one SPIFFE ID; host names do not matter (SPIFFE Federation, section 5.2.2). */
final class EndpointTrust extends X509ExtendedTrustManager {
    private final SvidVerifier verifier;
    private final SpiffeId endpoint;

    EndpointTrust(SvidVerifier verifier, SpiffeId endpoint) {
        this.verifier = verifier;
        this.endpoint = endpoint;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        verifier.verify(List.of(chain), endpoint);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        verifier.verify(List.of(chain), endpoint);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        verifier.verify(List.of(chain), endpoint);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("client side only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("client side only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("client side only");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
