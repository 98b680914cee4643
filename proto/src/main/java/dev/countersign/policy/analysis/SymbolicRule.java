package dev.countersign.policy.analysis;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.analysis.region.Region;

/**
 * One rule as sets of requests.
 *
 * @param index where it stands in its policy
 */
public record SymbolicRule(AuthorizationPolicy policy, int index, Region http, Region tcp) {

    /** What it matches on this kind of connection. */
    public Region region(boolean ofHttp) {
        return ofHttp ? http : tcp;
    }

    /** {@code namespace/name rule 0} */
    public String id() {
        return policy.id() + " rule " + index;
    }
}
