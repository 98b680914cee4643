package dev.countersign.deploy.bench.fleet;

import com.google.protobuf.ByteString;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.server.x509.KeyAndRequest;
import dev.countersign.wire.v1.IssueCertificateRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/**
 * A request for one certificate, with its key and a token that nobody else uses; made beforehand, so
 * that making it is not part of what is timed.
 *
 * @param request ready to be sent
 * @param key of the request; secret
 */
record Credentials(IssueCertificateRequest request, PrivateKey key) {
    private static final int ACCOUNTS = 64;

    /** The account of an agent: some pods share one, as replicas do. */
    static ServiceAccountName account(int number) {
        return new ServiceAccountName("fleet", "account-" + number % ACCOUNTS);
    }

    static Credentials make(LocalIssuer issuer, int number) {
        KeyAndRequest made = KeyAndRequest.make();
        TokenRequest token = TokenRequest.of(account(number), "pod-" + number);
        return new Credentials(
                IssueCertificateRequest.newBuilder()
                        .setProtocolVersion(1)
                        .setToken(issuer.mint(token).reveal())
                        .setCsr(ByteString.copyFrom(made.request()))
                        .build(),
                key(made.privateKeyPem()));
    }

    private static PrivateKey key(byte[] pem) {
        String body =
                new String(pem, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----|\\s", "");
        try {
            return KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException("this JDK has no EC keys", fault);
        }
    }

    @Override
    public String toString() {
        return "Credentials[hidden]";
    }
}
