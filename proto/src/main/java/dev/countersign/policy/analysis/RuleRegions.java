package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Region;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The requests that one rule matches, on HTTP or on TCP.
 *
 * <p>A field that cannot be evaluated drops an ALLOW rule and is removed from any other.
 */
final class RuleRegions {

    private final AuthorizationPolicy policy;
    private final Reading reading;
    private final FieldRegions fields;
    private final boolean http;
    private boolean unusable;
    private boolean skipped;

    RuleRegions(AuthorizationPolicy policy, Reading reading, FieldRegions fields, boolean http) {
        this.policy = policy;
        this.reading = reading;
        this.fields = fields;
        this.http = http;
    }

    Region of(Rule rule) {
        unusable = false;
        skipped = false;
        Region from = anyOf(rule.from(), this::source);
        Region to = anyOf(rule.to(), this::operation);
        Region when = Region.EVERYTHING;
        for (Condition condition : rule.when()) {
            when = when.and(condition(condition));
        }
        when = when.and(expression(rule));
        boolean dropped = skipped || (unusable && policy.action() == Action.ALLOW);
        return dropped ? Region.NOTHING : from.and(to).and(when);
    }

    private static <T> Region anyOf(List<T> alternatives, Function<T, Region> region) {
        if (alternatives.isEmpty()) {
            return Region.EVERYTHING;
        }
        Region any = Region.NOTHING;
        for (T one : alternatives) {
            any = any.or(region.apply(one));
        }
        // Hundreds of sources that name one principal each are one box with hundreds of principals.
        return any.simplified();
    }

    private Region source(Source source) {
        return both(fields::principals, source.principals(), source.notPrincipals(), false)
                .and(both(fields::namespaces, source.namespaces(), source.notNamespaces(), false))
                .and(
                        both(
                                fields::serviceAccounts,
                                source.serviceAccounts(),
                                source.notServiceAccounts(),
                                false))
                .and(
                        both(
                                fields::trustDomains,
                                source.trustDomains(),
                                source.notTrustDomains(),
                                false))
                .and(
                        both(
                                addresses(Plain.SOURCE_IP),
                                source.ipBlocks(),
                                source.notIpBlocks(),
                                false))
                .and(
                        both(
                                addresses(Plain.REMOTE_IP),
                                source.remoteIpBlocks(),
                                source.notRemoteIpBlocks(),
                                false))
                .and(
                        both(
                                fields::requestPrincipals,
                                source.requestPrincipals(),
                                source.notRequestPrincipals(),
                                true));
    }

    private Region operation(Operation operation) {
        return both(fields::ports, operation.ports(), operation.notPorts(), false)
                .and(both(fields::methods, operation.methods(), operation.notMethods(), true))
                .and(both(fields::paths, operation.paths(), operation.notPaths(), true))
                .and(both(fields::hosts, operation.hosts(), operation.notHosts(), true));
    }

    private Region condition(Condition condition) {
        Optional<ConditionKey> key = ConditionKey.parse(condition.key());
        if (key.isEmpty()) {
            unusable = true;
            skipped |= !reading.strict();
            return Region.EVERYTHING;
        }
        return both(
                (values, negative) -> fields.condition(key.get(), values, negative),
                condition.values(),
                condition.notValues(),
                key.get().http());
    }

    /** Counts as HTTP, whatever it asks for. */
    private Region expression(Rule rule) {
        String source = rule.expression();
        if (source == null) {
            return Region.EVERYTHING;
        }
        if (rule.checked() == null) {
            unusable = true;
            return Region.EVERYTHING;
        }
        return one((values, negative) -> fields.expression(source), List.of(source), false, true);
    }

    private Field addresses(Plain dimension) {
        return (values, negative) -> fields.addresses(dimension, values, negative);
    }

    private Region both(
            Field field, List<String> values, List<String> notValues, boolean needsHttp) {
        return one(field, values, false, needsHttp).and(one(field, notValues, true, needsHttp));
    }

    private Region one(Field field, List<String> values, boolean negative, boolean needsHttp) {
        if (values.isEmpty()) {
            return Region.EVERYTHING;
        }
        if (needsHttp && !http) {
            unusable = true;
            return Region.EVERYTHING;
        }
        try {
            return field.region(values, negative);
        } catch (Unusable e) {
            unusable = true;
            return Region.EVERYTHING;
        }
    }

    /** One field, in its positive or negative form. */
    @FunctionalInterface
    private interface Field {
        Region region(List<String> values, boolean negative) throws Unusable;
    }
}
