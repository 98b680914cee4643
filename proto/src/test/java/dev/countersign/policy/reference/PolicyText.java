package dev.countersign.policy.reference;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import java.util.ArrayList;
import java.util.List;

/** A policy nearly as YAML has it, what is empty left out. */
final class PolicyText {

    private static final List<String> SOURCE =
            List.of(
                    "principals",
                    "requestPrincipals",
                    "namespaces",
                    "ipBlocks",
                    "remoteIpBlocks",
                    "serviceAccounts",
                    "trustDomains");
    private static final List<String> OPERATION = List.of("hosts", "ports", "methods", "paths");

    private PolicyText() {}

    static String of(AuthorizationPolicy policy) {
        StringBuilder text = new StringBuilder("\n---\n");
        text.append(policy.group().group()).append(' ').append(policy.id());
        text.append(": {action: ").append(policy.action()).append(", mode: ").append(policy.mode());
        text.append(", selector: ").append(policy.selector());
        text.append(", targetRefs: ").append(policy.targetRefs().size());
        text.append(", provider: ").append(policy.provider());
        text.append(", validUntil: ").append(policy.validUntil()).append("}");
        policy.rules().forEach(rule -> text.append("\n- ").append(of(rule)));
        return text.toString();
    }

    private static String of(Rule rule) {
        List<String> parts = new ArrayList<>();
        rule.from().forEach(one -> parts.add("from " + fields(SOURCE, Parts.of(one))));
        rule.to().forEach(one -> parts.add("to " + fields(OPERATION, Parts.of(one))));
        rule.when().forEach(one -> parts.add("when " + of(one)));
        if (rule.expression() != null) {
            parts.add("expression " + rule.expression());
        }
        return parts.isEmpty() ? "{}" : String.join("\n  ", parts);
    }

    private static String of(Condition condition) {
        return condition.key() + " in " + condition.values() + " not in " + condition.notValues();
    }

    /** Values come in pairs: of a field, then of its negative. */
    private static String fields(List<String> names, List<List<String>> values) {
        List<String> written = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).isEmpty()) {
                written.add((i % 2 == 0 ? "" : "not ") + names.get(i / 2) + ": " + values.get(i));
            }
        }
        return "{" + String.join(", ", written) + "}";
    }

    /** The fields of sources and operations as a list, to be gone through, and back. */
    static final class Parts {

        private Parts() {}

        static List<List<String>> of(Source source) {
            return List.of(
                    source.principals(),
                    source.notPrincipals(),
                    source.requestPrincipals(),
                    source.notRequestPrincipals(),
                    source.namespaces(),
                    source.notNamespaces(),
                    source.ipBlocks(),
                    source.notIpBlocks(),
                    source.remoteIpBlocks(),
                    source.notRemoteIpBlocks(),
                    source.serviceAccounts(),
                    source.notServiceAccounts(),
                    source.trustDomains(),
                    source.notTrustDomains());
        }

        static Source source(List<List<String>> parts) {
            return new Source(
                    parts.get(0),
                    parts.get(1),
                    parts.get(2),
                    parts.get(3),
                    parts.get(4),
                    parts.get(5),
                    parts.get(6),
                    parts.get(7),
                    parts.get(8),
                    parts.get(9),
                    parts.get(10),
                    parts.get(11),
                    parts.get(12),
                    parts.get(13));
        }

        static List<List<String>> of(Operation operation) {
            return List.of(
                    operation.hosts(),
                    operation.notHosts(),
                    operation.ports(),
                    operation.notPorts(),
                    operation.methods(),
                    operation.notMethods(),
                    operation.paths(),
                    operation.notPaths());
        }

        static Operation operation(List<List<String>> parts) {
            return new Operation(
                    parts.get(0),
                    parts.get(1),
                    parts.get(2),
                    parts.get(3),
                    parts.get(4),
                    parts.get(5),
                    parts.get(6),
                    parts.get(7));
        }
    }
}
