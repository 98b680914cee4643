package dev.countersign.server.kubernetes.identity;

import dev.countersign.jwt.StrictJson;
import dev.countersign.runtime.Backoff;
import dev.countersign.runtime.Health;
import dev.countersign.server.kubernetes.ApiUnanswered;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.KubernetesRefused;
import dev.countersign.server.kubernetes.KubernetesRefused.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The {@code iss} of the cluster's service-account tokens, as the API server publishes it. */
public final class ClusterIssuer {
    private static final String PATH = "/.well-known/openid-configuration";
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final int MOST_SHOWN = 120;

    private ClusterIssuer() {}

    /**
     * Waits for as long as the API server is only away; health says so meanwhile.
     *
     * @throws KubernetesRefused when it does not publish one, or not to us
     */
    public static String await(
            KubernetesConnection connection, Health health, RandomGenerator random)
            throws KubernetesRefused, InterruptedException {
        Backoff backoff = new Backoff(SHORTEST_WAIT, LONGEST_WAIT, random);
        while (true) {
            try {
                return issuer(connection.ask(LIMIT, "get " + PATH, client -> client.raw(PATH)));
            } catch (ApiUnanswered unanswered) {
                if (!unanswered.failure().isTransient()) {
                    throw new KubernetesRefused(
                            Reason.KUBERNETES_MALFORMED,
                            unanswered.getMessage()
                                    + " (expected: the issuer of its tokens, or"
                                    + " attestation.issuer)");
                }
                health.down(KubernetesConnection.PART, unanswered.getMessage());
                Thread.sleep(backoff.next());
            }
        }
    }

    private static String issuer(@Nullable String document) throws KubernetesRefused {
        String text = Objects.requireNonNullElse(document, "nothing");
        try {
            Object issuer =
                    StrictJson.JWKS.object(text.getBytes(StandardCharsets.UTF_8)).get("issuer");
            if (issuer instanceof String url && !url.isBlank()) {
                return url;
            }
        } catch (StrictJson.Invalid odd) {
            // said below
        }
        throw new KubernetesRefused(
                Reason.KUBERNETES_MALFORMED,
                PATH
                        + ": "
                        + text.substring(0, Math.min(text.length(), MOST_SHOWN))
                        + " (expected: an issuer)");
    }
}
