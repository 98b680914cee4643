package dev.countersign.server.cli;

import dev.countersign.runtime.AtomicFiles;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** A folder with a certificate to present and its key: {@code svid.pem}, {@code key.pem}. */
public final class ClientIdentity {
    public static final String CERTIFICATE = "svid.pem";
    public static final String KEY = "key.pem";

    private static final int MAX_BYTES = 1024 * 1024;

    private final Path folder;
    private final byte[] chain;
    private final byte[] key;
    private final X509Certificate leaf;

    private ClientIdentity(Path folder, byte[] chain, byte[] key, X509Certificate leaf) {
        this.folder = folder;
        this.chain = chain;
        this.key = key;
        this.leaf = leaf;
    }

    /** Reads both; a key that others may read is refused. */
    public static ClientIdentity read(Path folder) {
        try {
            byte[] chain = Files.readAllBytes(folder.resolve(CERTIFICATE));
            byte[] key = AtomicFiles.readSecret(folder.resolve(KEY), MAX_BYTES);
            return new ClientIdentity(folder, chain, key, leaf(chain));
        } catch (IOException | CertificateException unusable) {
            throw unusable(folder, unusable);
        }
    }

    /** What the certificate says of itself; the server has the last word. */
    public X509Certificate leaf() {
        return leaf;
    }

    void present(SslContextBuilder tls) {
        try {
            tls.keyManager(new ByteArrayInputStream(chain), new ByteArrayInputStream(key));
        } catch (IllegalArgumentException unusable) {
            throw unusable(folder, unusable);
        }
    }

    @Override
    public String toString() {
        return "ClientIdentity[" + folder + "]";
    }

    private static X509Certificate leaf(byte[] chain) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(chain));
    }

    private static CommandFailed unusable(Path folder, Exception why) {
        return new CommandFailed(
                "cannot use the identity in "
                        + folder
                        + ": "
                        + why.getMessage()
                        + " (expected: "
                        + CERTIFICATE
                        + " and its "
                        + KEY
                        + ", mode 0600)",
                why);
    }
}
