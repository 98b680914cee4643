package dev.countersign.server.bundleendpoint;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Shows whatever certificate is the right one at the moment of a handshake. */
public final class EndpointCertificate {
    private EndpointCertificate() {}

    /**
     * A chain, leaf first, and the leaf's key.
     *
     * @param chain without root
     */
    public record Shown(List<X509Certificate> chain, PrivateKey key) {
        public Shown {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "Shown[serial " + chain.getFirst().getSerialNumber().toString(16) + "]";
        }
    }

    /** A context that asks {@code current} at every handshake. */
    public static SSLContext context(Supplier<Shown> current) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new Current(current)}, null, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every JDK has TLS
        }
    }

    private static final class Current extends X509ExtendedKeyManager {
        private static final String ALIAS = "current";
        private final Supplier<Shown> current;

        Current(Supplier<Shown> current) {
            this.current = current;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            return current.get().key().getAlgorithm().equals(keyType) ? ALIAS : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return current.get().chain().toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return current.get().key();
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyType, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }
    }
}
