package dev.countersign.agent.proxy;

import dev.countersign.testing.TestCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A peer that is no agent: the JDK's TLS, with or without a certificate of its own. */
final class MtlsClient {
    private static final char[] PASSWORD = "test".toCharArray();

    private final SSLContext context;

    private MtlsClient(SSLContext context) {
        this.context = context;
    }

    static MtlsClient with(TestCertificate certificate, X509Certificate root)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry(
                "own",
                certificate.key(),
                PASSWORD,
                certificate.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD);
        return new MtlsClient(context(keys.getKeyManagers(), root));
    }

    static MtlsClient without(X509Certificate root) throws GeneralSecurityException, IOException {
        return new MtlsClient(context(new KeyManager[0], root));
    }

    SSLSocket connect(InetSocketAddress address) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(
                                        // By name, or the JDK would not try to resume.
                                        address.getAddress().getHostAddress(), address.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** Offers this application protocol (RFC 7301), which the other side must choose. */
    SSLSocket connect(InetSocketAddress address, String protocol) throws IOException {
        SSLSocket socket = connect(address);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!protocol.equals(socket.getApplicationProtocol())) {
            throw new IOException("protocol: " + socket.getApplicationProtocol());
        }
        return socket;
    }

    private static SSLContext context(KeyManager[] keys, X509Certificate root)
            throws GeneralSecurityException, IOException {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, PASSWORD);
        roots.setCertificateEntry("root", root);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }
}
