package dev.countersign.server.attestation.localissuer;

import dev.countersign.identity.ServiceAccountName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whom to mint a token for.
 *
 * @param issuer its {@code iss}
 * @param account the service account
 * @param accountUid its UID
 * @param podName the pod it is bound to
 * @param podUid its UID
 * @param node the node it runs on
 * @param audiences its {@code aud}, at least one
 * @param life from now; 10 s to 48 h
 */
public record TokenRequest(
        String issuer,
        ServiceAccountName account,
        String accountUid,
        String podName,
        String podUid,
        Optional<String> node,
        List<String> audiences,
        Duration life) {
    public static final Duration DEFAULT_LIFE = Duration.ofHours(1);
    private static final Duration LEAST_LIFE = Duration.ofSeconds(10);
    private static final Duration MOST_LIFE = Duration.ofDays(2);

    public TokenRequest {
        audiences = List.copyOf(audiences);
        if (!ServiceAccountName.isName(podName)) {
            throw new IllegalArgumentException(
                    "pod: \"" + podName + "\" (expected: an RFC 1123 subdomain)");
        }
        if (node.isPresent() && !ServiceAccountName.isName(node.get())) {
            throw new IllegalArgumentException(
                    "node: \"" + node.get() + "\" (expected: an RFC 1123 subdomain)");
        }
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException("audience: none (expected: at least one)");
        }
        if (life.compareTo(LEAST_LIFE) < 0 || life.compareTo(MOST_LIFE) > 0) {
            throw new IllegalArgumentException(
                    "life: " + life + " (expected: " + LEAST_LIFE + " to " + MOST_LIFE + ")");
        }
    }

    /** With the defaults: audience {@code countersign}, an hour, UIDs derived from the names. */
    public static TokenRequest of(ServiceAccountName account, String podName) {
        return new TokenRequest(
                LocalIssuer.DEFAULT_ISSUER,
                account,
                accountUid(account),
                podName,
                podUid(account.namespace(), podName),
                Optional.empty(),
                List.of("countersign"),
                DEFAULT_LIFE);
    }

    /** The UID an account gets unless another is given: the same for the same name. */
    public static String accountUid(ServiceAccountName account) {
        return LocalIssuer.stableUid("serviceaccount", account.toString());
    }

    /** The UID a pod gets unless another is given: the same for the same name. */
    public static String podUid(String namespace, String podName) {
        return LocalIssuer.stableUid("pod", namespace + "/" + podName);
    }
}
