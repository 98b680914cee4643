package dev.countersign.policy;

/**
 * What external authorizers said about one request.
 *
 * <p>Asking is the caller's affair, and usually asynchronous: {@link WorkloadPolicies#providersToAsk}
 * says whom to ask, the answers then go into {@link WorkloadPolicies#decide(Request,
 * ProviderAnswers)}.
 */
@FunctionalInterface
public interface ProviderAnswers {

    /** Nobody was asked, so every request that needs an answer is denied. */
    ProviderAnswers NONE = provider -> Answer.UNAVAILABLE;

    /** The answer of a provider that {@link WorkloadPolicies#providersToAsk} named. */
    Answer of(String provider);

    /** One answer. */
    enum Answer {
        ALLOW,
        DENY,
        /** Not asked, no answer in time, or an error: denies. */
        UNAVAILABLE
    }
}
