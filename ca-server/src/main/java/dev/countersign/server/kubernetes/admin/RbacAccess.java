package dev.countersign.server.kubernetes.admin;

import dev.countersign.server.kubernetes.ApiUnanswered;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.operators.AccessUnavailable;
import dev.countersign.server.operators.AdminAction;
import dev.countersign.server.operators.AdminCaller;
import dev.countersign.server.operators.AdminCaller.Delegated;
import dev.countersign.server.operators.DelegatedAccess;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * People by the cluster's own tokens, and what they may do by its RBAC: a TokenReview for who it is,
 * a SubjectAccessReview for what is asked. A token made for us (audience {@link #AUDIENCE}) is tried
 * before one that is for the API server.
 */
public final class RbacAccess implements DelegatedAccess {
    /** Of tokens that are good for nothing else. */
    public static final String AUDIENCE = "countersign-admin";

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final KubernetesConnection connection;

    public RbacAccess(KubernetesConnection connection) {
        this.connection = connection;
    }

    @Override
    public Delegated caller(String bearer, AdminAction action) throws AccessUnavailable {
        try {
            Optional<UserInfo> user = user(bearer, List.of(AUDIENCE));
            if (user.isEmpty()) {
                user = user(bearer, List.of());
            }
            return user.isEmpty() ? nobody() : decided(user.get(), action);
        } catch (ApiUnanswered unanswered) {
            throw new AccessUnavailable("API server: " + unanswered.getMessage());
        }
    }

    /** Who it is; empty when the API server does not believe the token for one of these audiences. */
    private Optional<UserInfo> user(String bearer, List<String> audiences) throws ApiUnanswered {
        TokenReview asked =
                new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(bearer)
                        .withAudiences(audiences)
                        .endSpec()
                        .build();
        @Nullable TokenReviewStatus status =
                connection
                        .ask(
                                LIMIT,
                                "create tokenreviews",
                                client -> client.resource(asked).create())
                        .getStatus();
        if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
            return Optional.empty();
        }
        // A server that knows no audiences answers for any: it must say that it has looked.
        boolean looked =
                audiences.isEmpty()
                        || (status.getAudiences() != null
                                && status.getAudiences().stream().anyMatch(audiences::contains));
        @Nullable UserInfo user = status.getUser();
        return looked
                        && user != null
                        && !Objects.requireNonNullElse(user.getUsername(), "").isEmpty()
                ? Optional.of(user)
                : Optional.empty();
    }

    private Delegated decided(UserInfo user, AdminAction action) throws ApiUnanswered {
        String who = "kubernetes:" + user.getUsername();
        Optional<AdminPermission> permission = AdminPermission.of(action);
        if (permission.isEmpty()) {
            return new Delegated(
                    who,
                    Optional.of(
                            new AdminCaller.Refusal(
                                    "ADMIN_ROLE_LOCAL_ONLY",
                                    action + " by " + who + " (expected: the admin socket)")));
        }
        SubjectAccessReview answer =
                connection.ask(
                        LIMIT,
                        "create subjectaccessreviews",
                        client -> client.resource(review(user, permission.get())).create());
        boolean allowed =
                answer.getStatus() != null
                        && Boolean.TRUE.equals(answer.getStatus().getAllowed())
                        && !Boolean.TRUE.equals(answer.getStatus().getDenied());
        return new Delegated(
                who, allowed ? Optional.empty() : Optional.of(no(who, permission.get())));
    }

    private static SubjectAccessReview review(UserInfo user, AdminPermission permission) {
        return new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user.getUsername())
                .withUid(user.getUid())
                .withGroups(Objects.requireNonNullElse(user.getGroups(), List.of()))
                .withExtra(Objects.requireNonNullElse(user.getExtra(), Map.of()))
                .withNewResourceAttributes()
                .withGroup(AdminPermission.GROUP)
                .withVerb(permission.verb())
                .withResource(permission.resource())
                .endResourceAttributes()
                .endSpec()
                .build();
    }

    private static AdminCaller.Refusal no(String who, AdminPermission permission) {
        return new AdminCaller.Refusal(
                "ADMIN_RBAC_DENIED",
                who + ": may not " + permission + " (expected: a role that allows it)");
    }

    private static Delegated nobody() {
        return new Delegated(
                "",
                Optional.of(
                        new AdminCaller.Refusal(
                                "ADMIN_TOKEN_REFUSED",
                                "token: not believed by the API server (expected: one of the"
                                        + " cluster's, in time, for audience "
                                        + AUDIENCE
                                        + " or the API server's own)")));
    }
}
