package dev.countersign.edges;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What rules look at and edges do not record: headers, hosts, tokens, addresses, server names,
 * expressions, answers of external authorizers. A policy is read twice: as if all of that let as much
 * through as it can, and as if as little. What both readings decide alike is certain.
 *
 * <p>Nothing of HTTP is unknown of a TCP connection: it has none, and policies say what that means.
 */
final class Unrecorded {
    /** No identity starts with the scheme twice. */
    private static final Rule NEVER =
            new Rule(
                    List.of(Source.ofPrincipals(List.of("spiffe://"))), List.of(), List.of(), null);

    private final boolean http;
    private final boolean generous;

    /**
     * @param http whether HTTP requests are decided
     * @param generous whether as much as possible is let through
     */
    Unrecorded(boolean http, boolean generous) {
        this.http = http;
        this.generous = generous;
    }

    List<AuthorizationPolicy> read(List<AuthorizationPolicy> policies) {
        List<AuthorizationPolicy> read = new ArrayList<>(policies.size());
        for (AuthorizationPolicy policy : policies) {
            if (policy.action() == Action.CUSTOM
                    && policy.mode() == PolicyMode.ENFORCE
                    && generous) {
                continue; // its provider may say yes
            }
            read.add(policy.withRules(policy.rules().stream().map(r -> read(policy, r)).toList()));
        }
        return read;
    }

    /** What these policies look at that no edge records, as {@code shop/p rule 0: hosts}. */
    static List<String> named(List<AuthorizationPolicy> policies, boolean http) {
        Unrecorded reading = new Unrecorded(http, true);
        List<String> named = new ArrayList<>();
        for (AuthorizationPolicy policy : policies) {
            if (policy.mode() != PolicyMode.ENFORCE) {
                continue;
            }
            if (policy.action() == Action.CUSTOM) {
                named.add(policy.id() + ": the answer of its provider");
            }
            for (int i = 0; i < policy.rules().size(); i++) {
                List<String> fields = reading.unknown(policy.rules().get(i));
                if (!fields.isEmpty()) {
                    named.add(policy.id() + " rule " + i + ": " + String.join(", ", fields));
                }
            }
        }
        return named;
    }

    private Rule read(AuthorizationPolicy policy, Rule rule) {
        if (unknown(rule).isEmpty()) {
            return rule;
        }
        boolean wide = (policy.action() == Action.ALLOW) == generous;
        return wide ? widened(rule) : narrowed(rule);
    }

    private Rule widened(Rule rule) {
        return new Rule(
                rule.from().stream().map(this::known).toList(),
                rule.to().stream().map(this::known).toList(),
                rule.when().stream().filter(one -> !isUnknown(one)).toList(),
                http ? null : rule.expression(),
                http ? null : rule.checked());
    }

    private Rule narrowed(Rule rule) {
        List<Source> from = rule.from().stream().filter(s -> unknown(s).isEmpty()).toList();
        List<Operation> to = rule.to().stream().filter(o -> unknown(o).isEmpty()).toList();
        boolean never =
                (from.isEmpty() && !rule.from().isEmpty())
                        || (to.isEmpty() && !rule.to().isEmpty())
                        || rule.when().stream().anyMatch(this::isUnknown)
                        || (http && rule.expression() != null);
        return never ? NEVER : new Rule(from, to, rule.when(), rule.expression(), rule.checked());
    }

    private List<String> unknown(Rule rule) {
        List<String> fields = new ArrayList<>();
        rule.from().forEach(source -> fields.addAll(unknown(source)));
        rule.to().forEach(operation -> fields.addAll(unknown(operation)));
        rule.when().stream().filter(this::isUnknown).map(Condition::key).forEach(fields::add);
        if (http && rule.expression() != null) {
            fields.add("expression");
        }
        return fields.stream().distinct().toList();
    }

    private List<String> unknown(Source source) {
        List<String> fields = new ArrayList<>();
        add(fields, "ipBlocks", source.ipBlocks());
        add(fields, "notIpBlocks", source.notIpBlocks());
        add(fields, "remoteIpBlocks", source.remoteIpBlocks());
        add(fields, "notRemoteIpBlocks", source.notRemoteIpBlocks());
        if (http) {
            add(fields, "requestPrincipals", source.requestPrincipals());
            add(fields, "notRequestPrincipals", source.notRequestPrincipals());
        }
        return fields;
    }

    private List<String> unknown(Operation operation) {
        List<String> fields = new ArrayList<>();
        if (http) {
            add(fields, "hosts", operation.hosts());
            add(fields, "notHosts", operation.notHosts());
        }
        return fields;
    }

    private static void add(List<String> fields, String name, List<String> values) {
        if (!values.isEmpty()) {
            fields.add(name);
        }
    }

    private boolean isUnknown(Condition condition) {
        Optional<ConditionKey> key = ConditionKey.parse(condition.key());
        if (key.isEmpty()) {
            return false; // no such attribute: policies say what that means
        }
        return switch (key.get()) {
            case ConditionKey.Header header -> http;
            case ConditionKey.TokenClaim claim -> http;
            case ConditionKey.FilterMetadata metadata -> true;
            case ConditionKey.Plain plain ->
                    switch (plain) {
                        case SOURCE_NAMESPACE,
                                SOURCE_SERVICE_ACCOUNT,
                                SOURCE_PRINCIPAL,
                                SOURCE_TRUST_DOMAIN,
                                DESTINATION_PORT ->
                                false;
                        case SOURCE_IP, REMOTE_IP, DESTINATION_IP, CONNECTION_SNI -> true;
                        case REQUEST_PRINCIPAL, REQUEST_AUDIENCES, REQUEST_PRESENTER -> http;
                    };
        };
    }

    private Source known(Source source) {
        return new Source(
                source.principals(),
                source.notPrincipals(),
                http ? List.of() : source.requestPrincipals(),
                http ? List.of() : source.notRequestPrincipals(),
                source.namespaces(),
                source.notNamespaces(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                source.serviceAccounts(),
                source.notServiceAccounts(),
                source.trustDomains(),
                source.notTrustDomains());
    }

    private Operation known(Operation operation) {
        return new Operation(
                http ? List.of() : operation.hosts(),
                http ? List.of() : operation.notHosts(),
                operation.ports(),
                operation.notPorts(),
                operation.methods(),
                operation.notMethods(),
                operation.paths(),
                operation.notPaths());
    }
}
