package dev.countersign.agent.provider;

import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.ProviderAnswers.Answer;
import java.util.List;

/**
 * What a provider said, or what counts as its word.
 *
 * @param answer yes, no, or nothing in time
 * @param byError whether the answer comes of an error and the provider's settings
 * @param status HTTP status for a caller that is denied, 400 to 599
 * @param upstream headers that the application gets, instead of those of the same name
 * @param remove names of headers that the application does not get
 * @param downstream headers that a denied caller gets
 * @param body that a denied caller gets; empty: none of the provider's
 */
public record ProviderVerdict(
        Answer answer,
        boolean byError,
        int status,
        List<HeaderField> upstream,
        List<String> remove,
        List<HeaderField> downstream,
        String body) {
    private static final int FORBIDDEN = 403;
    private static final int LONGEST_BODY = 4096;

    public ProviderVerdict {
        upstream = List.copyOf(upstream);
        remove = List.copyOf(remove);
        downstream = List.copyOf(downstream);
    }

    static ProviderVerdict allow(List<HeaderField> upstream, List<String> remove) {
        return new ProviderVerdict(Answer.ALLOW, false, FORBIDDEN, upstream, remove, List.of(), "");
    }

    /** A status that is no refusal, and a body that is not plain text, are replaced. */
    static ProviderVerdict deny(int status, List<HeaderField> downstream, String body) {
        boolean refusal = status >= 400 && status <= 599;
        boolean text =
                body.length() <= LONGEST_BODY
                        && body.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f));
        return new ProviderVerdict(
                Answer.DENY,
                false,
                refusal ? status : FORBIDDEN,
                List.of(),
                List.of(),
                downstream,
                text ? body : "");
    }

    /** No answer: a yes where the provider fails open. */
    static ProviderVerdict error(ExternalAuthorizer provider) {
        return new ProviderVerdict(
                provider.failOpen() ? Answer.ALLOW : Answer.UNAVAILABLE,
                true,
                provider.statusOnError(),
                List.of(),
                List.of(),
                List.of(),
                "");
    }
}
