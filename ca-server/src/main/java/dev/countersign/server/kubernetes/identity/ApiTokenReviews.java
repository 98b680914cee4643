package dev.countersign.server.kubernetes.identity;

import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.kubernetes.ClusterUnavailable;
import dev.countersign.server.attestation.kubernetes.TokenReviews;
import dev.countersign.server.kubernetes.ApiUnanswered;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** TokenReviews of the API server ({@code authentication.k8s.io/v1}). */
public final class ApiTokenReviews implements TokenReviews {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String COUNTER = "countersign.kubernetes.tokenreviews";

    /** Extras of a service account's token that is bound to a pod. */
    private static final String POD_NAME = "authentication.kubernetes.io/pod-name";

    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

    private final KubernetesConnection connection;
    private final MeterRegistry metrics;

    public ApiTokenReviews(KubernetesConnection connection, MeterRegistry metrics) {
        this.connection = connection;
        this.metrics = metrics;
    }

    @Override
    public Answer review(BearerToken token, Set<String> audiences) throws ClusterUnavailable {
        TokenReview asked =
                new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token.reveal())
                        .withAudiences(List.copyOf(audiences))
                        .endSpec()
                        .build();
        try {
            TokenReview answered =
                    connection.ask(
                            LIMIT,
                            "create tokenreviews",
                            client -> client.resource(asked).create());
            Answer answer = answer(answered.getStatus());
            count(answer.authenticated() ? "authenticated" : "refused");
            return answer;
        } catch (ApiUnanswered unanswered) {
            count("unanswered");
            throw new ClusterUnavailable(unanswered.getMessage());
        }
    }

    private static Answer answer(@Nullable TokenReviewStatus status) {
        if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
            String error = status == null ? "no status" : status.getError();
            return new Answer(
                    false,
                    Objects.requireNonNullElse(error, ""),
                    List.of(),
                    "",
                    "",
                    Optional.empty(),
                    Optional.empty());
        }
        UserInfo user = Objects.requireNonNullElseGet(status.getUser(), UserInfo::new);
        return new Answer(
                true,
                "",
                Objects.requireNonNullElse(status.getAudiences(), List.of()),
                Objects.requireNonNullElse(user.getUsername(), ""),
                Objects.requireNonNullElse(user.getUid(), ""),
                extra(user, POD_NAME),
                extra(user, POD_UID));
    }

    /** Exactly one value, or it is as good as none. */
    private static Optional<String> extra(UserInfo user, String name) {
        @Nullable Map<String, List<String>> extras = user.getExtra();
        @Nullable List<String> values = extras == null ? null : extras.get(name);
        return values != null && values.size() == 1
                ? Optional.of(values.getFirst())
                : Optional.empty();
    }

    private void count(String outcome) {
        metrics.counter(COUNTER, "outcome", outcome).increment();
    }
}
