package dev.countersign.deploy.quickstart;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Somebody with a certificate, and not one of ours: another trust domain's authority signed it, and
 * otherwise it is just like web's.
 */
final class Stranger {
    static final String TRUST_DOMAIN = "evil.example";

    private static final int TIMEOUT_MILLIS = 5_000;

    private final SSLContext tls;

    Stranger(Instant now) {
        try {
            KeyPair authority = keys();
            KeyPair own = keys();
            X509Certificate root = root(authority, now);
            X509Certificate leaf = leaf(own.getPublic(), authority.getPrivate(), now);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "stranger", own.getPrivate(), new char[0], new X509Certificate[] {leaf, root});
            KeyManagerFactory managers =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, new char[0]);
            this.tls = SSLContext.getInstance("TLS");
            tls.init(
                    managers.getKeyManagers(),
                    InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
                    null);
        } catch (GeneralSecurityException | IOException | OperatorCreationException fault) {
            throw new IllegalStateException("cannot make the stranger's certificate", fault);
        }
    }

    /** Whether the port spoke to it: an answer to a request, after a handshake. */
    boolean isServedAt(int port) {
        try (Socket socket =
                tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            ((SSLSocket) socket).startHandshake();
            return request(socket);
        } catch (IOException refused) {
            return false;
        }
    }

    /** The same without any TLS. */
    static boolean isPlaintextServedAt(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            return request(socket);
        } catch (IOException refused) {
            return false;
        }
    }

    private static boolean request(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(
                "GET /orders/42 HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket.getInputStream().read() >= 0;
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate root(KeyPair keys, Instant now)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        X509v3CertificateBuilder root = builder(keys.getPublic(), now, "CN=" + TRUST_DOMAIN);
        root.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        root.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        return sign(root, keys.getPrivate());
    }

    private static X509Certificate leaf(PublicKey key, PrivateKey authority, Instant now)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        X509v3CertificateBuilder leaf = builder(key, now, "");
        leaf.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        leaf.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        leaf.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(
                        new KeyPurposeId[] {
                            KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth
                        }));
        leaf.addExtension(
                Extension.subjectAlternativeName,
                true,
                new GeneralNames(
                        new GeneralName(
                                GeneralName.uniformResourceIdentifier,
                                "spiffe://" + TRUST_DOMAIN + "/ns/shop/sa/web")));
        return sign(leaf, authority);
    }

    private static X509v3CertificateBuilder builder(PublicKey key, Instant now, String subject) {
        return new JcaX509v3CertificateBuilder(
                new X500Principal("CN=" + TRUST_DOMAIN),
                BigInteger.valueOf(now.toEpochMilli()),
                Date.from(now.minus(Duration.ofMinutes(5))),
                Date.from(now.plus(Duration.ofHours(1))),
                new X500Principal(subject),
                key);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }
}
