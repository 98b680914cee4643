package dev.countersign.policy.parse;

import dev.countersign.policy.AuthorizationPolicy;
import java.util.List;

/**
 * What an accepted file holds.
 *
 * @param policies in the order of the file
 * @param warnings what Istio's admission warns about as well
 * @param hints further traps that the policies step near
 */
public record ParsedPolicies(
        List<AuthorizationPolicy> policies, List<Notice> warnings, List<Notice> hints) {

    public ParsedPolicies {
        policies = List.copyOf(policies);
        warnings = List.copyOf(warnings);
        hints = List.copyOf(hints);
    }
}
