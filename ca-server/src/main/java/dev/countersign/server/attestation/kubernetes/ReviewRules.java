package dev.countersign.server.attestation.kubernetes;

import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.WorkloadClaims;
import dev.countersign.server.attestation.kubernetes.TokenReviews.Answer;
import java.util.Set;

/** What an answer must say before it counts: {@code authenticated} alone does not. Pure. */
final class ReviewRules {
    private static final int MOST_SHOWN = 120;

    private final Set<String> audiences;

    ReviewRules(Set<String> audiences) {
        this.audiences = Set.copyOf(audiences);
    }

    void check(WorkloadClaims claims, Answer answer) throws AttestationRefused {
        if (!answer.authenticated()) {
            throw new AttestationRefused(
                    Reason.TOKEN_REVIEW_REFUSED,
                    "TokenReview: not authenticated, \""
                            + shown(answer.error())
                            + "\" (expected: authenticated)");
        }
        if (answer.audiences().stream().noneMatch(audiences::contains)) {
            throw new AttestationRefused(
                    Reason.TOKEN_REVIEW_AUDIENCE,
                    "TokenReview audiences: "
                            + shown(answer.audiences().toString())
                            + " (expected: one of "
                            + audiences
                            + ")");
        }
        same("username", answer.username(), username(claims));
        same("uid", answer.uid(), claims.accountUid());
        same("pod-name", answer.podName().orElse(""), claims.podName());
        same("pod-uid", answer.podUid().orElse(""), claims.podUid());
    }

    private static String username(WorkloadClaims claims) {
        return "system:serviceaccount:"
                + claims.account().namespace()
                + ":"
                + claims.account().name();
    }

    private static void same(String what, String answered, String claimed)
            throws AttestationRefused {
        if (!answered.equals(claimed)) {
            throw new AttestationRefused(
                    Reason.TOKEN_REVIEW_MISMATCH,
                    "TokenReview "
                            + what
                            + ": \""
                            + shown(answered)
                            + "\" (expected: "
                            + claimed
                            + ", as in the token)");
        }
    }

    /** The API server's own words, which may quote what it was sent: cut, and on one line. */
    private static String shown(String text) {
        String cut = text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) : text;
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
