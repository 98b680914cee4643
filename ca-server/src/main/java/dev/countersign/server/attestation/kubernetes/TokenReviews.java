package dev.countersign.server.attestation.kubernetes;

import dev.countersign.server.attestation.BearerToken;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Asks the API server what it thinks of a token (TokenReview, authentication.k8s.io/v1): a port. */
@FunctionalInterface
public interface TokenReviews {
    /**
     * @param audiences that the token may be for; one is enough
     */
    Answer review(BearerToken token, Set<String> audiences) throws ClusterUnavailable;

    /**
     * What it says, as it says it: nothing is compared yet.
     *
     * @param authenticated alone it proves little
     * @param error why not, if not
     * @param audiences that both sides have in common; a server that does not know audiences says none
     * @param username of a service account {@code system:serviceaccount:NAMESPACE:NAME}
     * @param uid of the service account
     * @param podName that the token is bound to
     * @param podUid that the token is bound to
     */
    record Answer(
            boolean authenticated,
            String error,
            List<String> audiences,
            String username,
            String uid,
            Optional<String> podName,
            Optional<String> podUid) {
        public Answer {
            audiences = List.copyOf(audiences);
        }
    }
}
