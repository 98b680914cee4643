package dev.countersign.policy.analysis;

import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import java.util.Map;
import java.util.Set;

/**
 * One request of a set of requests, decided by the engine as predicted.
 *
 * @param headers that the request has
 * @param allowing the external authorizers that must say yes for it
 */
public record Witness(Request request, Map<String, String> headers, Set<String> allowing) {

    public Witness {
        headers = Map.copyOf(headers);
        allowing = Set.copyOf(allowing);
    }

    /** The answers that go with it. */
    public ProviderAnswers answers() {
        return provider ->
                allowing.contains(provider)
                        ? ProviderAnswers.Answer.ALLOW
                        : ProviderAnswers.Answer.DENY;
    }
}
