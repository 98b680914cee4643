package dev.countersign.policy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One policy as it was written; {@link PolicySet} holds the compiled form.
 *
 * @param selector labels a workload must carry; empty selects all in scope
 * @param targetRefs at most 16; not empty: no sidecar takes this policy
 * @param provider name of the external authorizer, for CUSTOM only
 * @param rules none with ALLOW: allows nothing
 * @param validUntil when the policy ends; after that an ALLOW still counts as one and matches
 *     nothing, any other action is lifted. Null: it does not end
 */
public record AuthorizationPolicy(
        ApiGroup group,
        String namespace,
        String name,
        Action action,
        PolicyMode mode,
        Map<String, String> selector,
        List<TargetReference> targetRefs,
        @Nullable String provider,
        List<Rule> rules,
        @Nullable Instant validUntil) {

    public AuthorizationPolicy {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(mode, "mode");
        selector = Map.copyOf(selector);
        targetRefs = List.copyOf(targetRefs);
        rules = List.copyOf(rules);
    }

    /** {@code namespace/name} */
    public String id() {
        return namespace + "/" + name;
    }

    /** The same policy in another mode. */
    public AuthorizationPolicy withMode(PolicyMode other) {
        return new AuthorizationPolicy(
                group,
                namespace,
                name,
                action,
                other,
                selector,
                targetRefs,
                provider,
                rules,
                validUntil);
    }

    /** The same policy with other rules. */
    public AuthorizationPolicy withRules(List<Rule> others) {
        return new AuthorizationPolicy(
                group,
                namespace,
                name,
                action,
                mode,
                selector,
                targetRefs,
                provider,
                others,
                validUntil);
    }

    /**
     * The id of one of its rules: {@code namespace/name#index:hash}. Costs a hash; keep it.
     *
     * @param index of the rule
     */
    public String ruleId(int index) {
        return RuleId.of(this, index);
    }
}
