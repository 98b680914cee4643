package dev.countersign.policy.analysis;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.analysis.region.Region;
import org.jspecify.annotations.Nullable;

/**
 * One rule as sets of requests.
 *
 * @param index where it stands in its policy
 * @param http what it matches on HTTP, and on TCP the next
 * @param httpOccurring of these requests those that can occur, and on TCP the next
 */
public record SymbolicRule(
        AuthorizationPolicy policy,
        int index,
        Region http,
        Region tcp,
        Region httpOccurring,
        Region tcpOccurring) {

    /** What it matches on this kind of connection. */
    public Region region(boolean ofHttp) {
        return ofHttp ? http : tcp;
    }

    /** What it matches on this kind of connection, of the requests that can occur. */
    Region occurring(boolean ofHttp) {
        return ofHttp ? httpOccurring : tcpOccurring;
    }

    /** {@code namespace/name rule 0} */
    public String id() {
        return policy.id() + " rule " + index;
    }

    /** Compiled once, so that the same one is the same object. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
