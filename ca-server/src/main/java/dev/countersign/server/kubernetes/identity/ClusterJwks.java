package dev.countersign.server.kubernetes.identity;

import dev.countersign.server.attestation.serviceaccount.JwksLoader;
import dev.countersign.server.attestation.serviceaccount.JwksUnavailable;
import dev.countersign.server.kubernetes.ApiUnanswered;
import dev.countersign.server.kubernetes.KubernetesConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/** The keys of the cluster's service-account tokens, as the API server publishes them. */
public final class ClusterJwks implements JwksLoader {
    private static final String PATH = "/openid/v1/jwks";
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final KubernetesConnection connection;

    public ClusterJwks(KubernetesConnection connection) {
        this.connection = connection;
    }

    @Override
    public String origin() {
        return "API server " + PATH;
    }

    @Override
    public Optional<Document> load(String known) throws JwksUnavailable {
        byte[] bytes = get().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_BYTES) {
            throw new JwksUnavailable(
                    origin() + ": too large (expected: <= " + MAX_BYTES + " bytes)");
        }
        String version = hash(bytes);
        return version.equals(known) ? Optional.empty() : Optional.of(new Document(bytes, version));
    }

    private String get() throws JwksUnavailable {
        try {
            return connection.ask(
                    LIMIT,
                    "get " + PATH,
                    client -> Objects.requireNonNullElse(client.raw(PATH), ""));
        } catch (ApiUnanswered unanswered) {
            throw new JwksUnavailable(unanswered.getMessage());
        }
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }
}
