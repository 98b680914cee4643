package dev.countersign.server.x509;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A new P-256 key and a PKCS#10 request for it, for those who have no agent. */
public final class KeyAndRequest {
    private final KeyPair keys;
    private final byte[] request;

    private KeyAndRequest(KeyPair keys, byte[] request) {
        this.keys = keys;
        this.request = request;
    }

    /** Makes both; the request asks for nothing but a signature over its key. */
    public static KeyAndRequest make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            byte[] request =
                    new JcaPKCS10CertificationRequestBuilder(
                                    new X500Principal(""), keys.getPublic())
                            .build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(keys.getPrivate()))
                            .getEncoded();
            return new KeyAndRequest(keys, request);
        } catch (GeneralSecurityException | OperatorCreationException | IOException fault) {
            throw new IllegalStateException("cannot make a P-256 key and request", fault);
        }
    }

    /** PKCS#10, DER. */
    public byte[] request() {
        return request.clone();
    }

    /** The secret, PKCS#8 PEM: for a file of mode 0600 only. */
    public byte[] privateKeyPem() {
        Base64.Encoder mime = Base64.getMimeEncoder(64, new byte[] {'\n'});
        return ("-----BEGIN PRIVATE KEY-----\n"
                        + mime.encodeToString(keys.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "KeyAndRequest[hidden]";
    }
}
