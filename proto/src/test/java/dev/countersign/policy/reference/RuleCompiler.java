package dev.countersign.policy.reference;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Compiles one rule for HTTP or for TCP.
 *
 * <p>A field that cannot be evaluated (HTTP attributes on TCP, or a value that slipped past
 * admission) must not open a door: an ALLOW rule that holds one is dropped whole, from any other
 * rule the field is removed, so that it matches more.
 */
final class RuleCompiler {

    private final AuthorizationPolicy policy;
    private final DataPlane dataPlane;
    private final boolean http;
    private final ClauseCompiler clauses;
    private boolean unusable;
    private boolean skipped;

    RuleCompiler(
            AuthorizationPolicy policy, DataPlane dataPlane, boolean http, ClauseCompiler clauses) {
        this.policy = policy;
        this.dataPlane = dataPlane;
        this.http = http;
        this.clauses = clauses;
    }

    /** The compiled rule; empty if it can never match on this kind of connection. */
    Optional<CompiledRule> compile(int index, Rule rule) {
        unusable = false;
        skipped = false;
        CompiledRule compiled =
                new CompiledRule(
                        index,
                        rule.from().stream().map(this::source).toList(),
                        rule.to().stream().map(this::operation).toList(),
                        Stream.concat(
                                        rule.when().stream()
                                                .flatMap(one -> condition(one).stream()),
                                        expression(rule).stream())
                                .toList());
        if (skipped || (unusable && policy.action() == Action.ALLOW)) {
            return Optional.empty();
        }
        // The L4 proxy takes a DENY that asks for HTTP only to match nothing.
        boolean emptied = unusable && compiled.isUnconstrained();
        return emptied && dataPlane == DataPlane.ZTUNNEL && !clauses.strict()
                ? Optional.empty()
                : Optional.of(compiled);
    }

    private List<Clause> source(Source source) {
        Fields fields = new Fields("source.");
        boolean remoteIsHttp = dataPlane == DataPlane.ZTUNNEL;
        fields.add(
                "principals",
                source.principals(),
                source.notPrincipals(),
                false,
                clauses::principals);
        fields.add(
                "namespaces",
                source.namespaces(),
                source.notNamespaces(),
                false,
                clauses::namespaces);
        fields.add(
                "serviceAccounts",
                source.serviceAccounts(),
                source.notServiceAccounts(),
                false,
                clauses::serviceAccounts);
        fields.add(
                "trustDomains",
                source.trustDomains(),
                source.notTrustDomains(),
                false,
                clauses::trustDomains);
        fields.add(
                "ipBlocks",
                source.ipBlocks(),
                source.notIpBlocks(),
                false,
                values -> clauses.addresses(Matcher.Address.Which.SOURCE, values));
        fields.add(
                "remoteIpBlocks",
                source.remoteIpBlocks(),
                source.notRemoteIpBlocks(),
                remoteIsHttp,
                values -> clauses.addresses(Matcher.Address.Which.REMOTE, values));
        fields.add(
                "requestPrincipals",
                source.requestPrincipals(),
                source.notRequestPrincipals(),
                true,
                clauses::requestPrincipals);
        return fields.compiled;
    }

    private List<Clause> operation(Operation operation) {
        Fields fields = new Fields("operation.");
        fields.add("ports", operation.ports(), operation.notPorts(), false, clauses::ports);
        fields.add("methods", operation.methods(), operation.notMethods(), true, clauses::methods);
        fields.add("paths", operation.paths(), operation.notPaths(), true, clauses::paths);
        fields.add("hosts", operation.hosts(), operation.notHosts(), true, clauses::hosts);
        return fields.compiled;
    }

    private List<Clause> condition(Condition condition) {
        Optional<ConditionKey> key = ConditionKey.parse(condition.key());
        Fields fields = new Fields("");
        if (key.isEmpty()) {
            unusable = true;
            skipped |= !clauses.strict();
            return List.of();
        }
        fields.add(
                condition.key(),
                condition.key(),
                condition.values(),
                condition.notValues(),
                needsHttp(key.get()),
                values -> clauses.condition(key.get(), values));
        return fields.compiled;
    }

    private List<Clause> expression(Rule rule) {
        String source = rule.expression();
        if (source == null) {
            return List.of();
        }
        if (rule.checked() == null || !http) {
            unusable = true;
            return List.of();
        }
        return List.of(
                new Clause(
                        "expression",
                        List.of(source),
                        false,
                        false,
                        true,
                        clauses.expression(source)));
    }

    private boolean needsHttp(ConditionKey key) {
        boolean unknownToTunnel =
                key == ConditionKey.Plain.REMOTE_IP
                        || key == ConditionKey.Plain.CONNECTION_SNI
                        || key instanceof ConditionKey.FilterMetadata;
        return key.http() || (dataPlane == DataPlane.ZTUNNEL && unknownToTunnel);
    }

    /** Collects the clauses of one source, operation or condition. */
    private final class Fields {

        private final String prefix;
        private final List<Clause> compiled = new ArrayList<>();

        Fields(String prefix) {
            this.prefix = prefix;
        }

        void add(
                String field,
                List<String> values,
                List<String> notValues,
                boolean needsHttp,
                Function<List<String>, Matcher> compile) {
            String negative = "not" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
            add(field, negative, values, notValues, needsHttp, compile);
        }

        void add(
                String field,
                String negative,
                List<String> values,
                List<String> notValues,
                boolean needsHttp,
                Function<List<String>, Matcher> compile) {
            addOne(prefix + field, values, false, needsHttp, compile);
            addOne(prefix + negative, notValues, true, needsHttp, compile);
        }

        private void addOne(
                String field,
                List<String> values,
                boolean negative,
                boolean needsHttp,
                Function<List<String>, Matcher> compile) {
            if (values.isEmpty()) {
                return;
            }
            if (needsHttp && !http) {
                unusable = true;
                return;
            }
            boolean absentPasses = !(clauses.strict() && policy.action() == Action.ALLOW);
            try {
                compiled.add(
                        new Clause(
                                field,
                                values,
                                negative,
                                absentPasses,
                                needsHttp,
                                compile.apply(values)));
            } catch (IllegalArgumentException e) {
                unusable = true;
            }
        }
    }
}
