package dev.countersign.policy.parse;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a well-formed rule may not say. */
final class RuleAdmission {

    /** CUSTOM is asked before a peer's identity and token are known. */
    private static final Set<String> NOT_WITH_CUSTOM =
            Set.of(
                    "principals",
                    "notPrincipals",
                    "requestPrincipals",
                    "notRequestPrincipals",
                    "namespaces",
                    "notNamespaces",
                    "serviceAccounts",
                    "notServiceAccounts",
                    "trustDomains",
                    "notTrustDomains");

    private static final Set<ConditionKey> NOT_A_CONDITION_OF_CUSTOM =
            Set.of(
                    ConditionKey.Plain.SOURCE_NAMESPACE,
                    ConditionKey.Plain.SOURCE_SERVICE_ACCOUNT,
                    ConditionKey.Plain.SOURCE_TRUST_DOMAIN,
                    ConditionKey.Plain.SOURCE_PRINCIPAL,
                    ConditionKey.Plain.REQUEST_PRINCIPAL,
                    ConditionKey.Plain.REQUEST_AUDIENCES,
                    ConditionKey.Plain.REQUEST_PRESENTER);

    private final AuthorizationPolicy policy;
    private final Locations locations;
    private final Report report;
    private final Notices notices;

    RuleAdmission(AuthorizationPolicy policy, Locations locations, Report report, Notices notices) {
        this.policy = policy;
        this.locations = locations;
        this.report = report;
        this.notices = notices;
    }

    void check(Rule rule, String path) {
        hintOfDropping(rule, path);
        for (int i = 0; i < rule.from().size(); i++) {
            checkSource(rule.from().get(i), path + ".from[" + i + "].source");
        }
        for (int i = 0; i < rule.to().size(); i++) {
            checkOperation(rule.to().get(i), path + ".to[" + i + "].operation");
        }
        for (int i = 0; i < rule.when().size(); i++) {
            checkCondition(rule.when().get(i), path + ".when[" + i + "]");
        }
    }

    /** On TCP a rule that looks at HTTP allows nobody, and the policy still shuts the others out. */
    private void hintOfDropping(Rule rule, String path) {
        boolean port =
                rule.to().stream().anyMatch(o -> !o.ports().isEmpty() || !o.notPorts().isEmpty());
        boolean http =
                rule.expression() != null
                        || rule.to().stream().anyMatch(SourceFields::holdsHttp)
                        || rule.from().stream().anyMatch(SourceFields::holdsHttp)
                        || rule.when().stream()
                                .anyMatch(one ->
                                        ConditionKey.parse(one.key())
                                                .map(ConditionKey::http)
                                                .orElse(false));
        if (policy.action() == Action.ALLOW && http && !port) {
            notices.hint(
                    locations,
                    path,
                    "ALLOW_DROPPED_ON_TCP",
                    "it looks at HTTP, so on TCP ports it allows nothing while the policy still"
                            + " shuts out what nothing else allows; give it the ports that speak HTTP");
        }
    }

    private void checkSource(Source source, String path) {
        Map<String, List<String>> fields = SourceFields.of(source);
        refuseAllEmpty(fields, path, "source");
        fields.forEach((field, values) -> checkField(path + "." + field, field, values));
        boolean accounts =
                !source.serviceAccounts().isEmpty() || !source.notServiceAccounts().isEmpty();
        boolean others =
                !source.principals().isEmpty()
                        || !source.notPrincipals().isEmpty()
                        || !source.namespaces().isEmpty()
                        || !source.notNamespaces().isEmpty();
        if (accounts && others) {
            add(
                    path,
                    Problem.Code.CONFLICT,
                    "serviceAccounts beside principals or namespaces",
                    "one of them in a source");
        }
    }

    private void checkOperation(Operation operation, String path) {
        Map<String, List<String>> fields = SourceFields.of(operation);
        refuseAllEmpty(fields, path, "operation");
        fields.forEach((field, values) -> checkField(path + "." + field, field, values));
    }

    private void checkField(String path, String field, List<String> values) {
        if (values.isEmpty()) {
            return;
        }
        if (policy.action() == Action.CUSTOM && NOT_WITH_CUSTOM.contains(field)) {
            add(
                    path,
                    Problem.Code.NOT_WITH_THIS_ACTION,
                    field,
                    "no identity in a CUSTOM policy: it is asked before the identity is known");
        }
        boolean accounts = field.endsWith("erviceAccounts");
        if (accounts && values.size() > Bounds.SERVICE_ACCOUNTS) {
            add(
                    path,
                    Problem.Code.LIMIT,
                    values.size() + " entries",
                    "at most " + Bounds.SERVICE_ACCOUNTS);
        }
        for (int i = 0; i < values.size(); i++) {
            String at = path + "[" + i + "]";
            String value = values.get(i);
            ValueRules.fault(field, value).ifPresent(fault -> report(at, fault));
            TrapHints.of(policy, field, value)
                    .ifPresent(trap ->
                            notices.hint(locations, at, trap.code(), value, trap.message()));
        }
        if (policy.group() == ApiGroup.ISTIO
                && policy.action() == Action.ALLOW
                && TrapHints.passesWithoutAttribute(field)) {
            notices.hint(
                    locations,
                    path,
                    "NEGATIVE_MATCH_WITHOUT_ATTRIBUTE",
                    "true of a caller that has no such attribute at all");
        }
    }

    private void checkCondition(Condition condition, String path) {
        Optional<ConditionKey> key = ConditionKey.parse(condition.key());
        if (key.isEmpty()) {
            add(
                    path + ".key",
                    Problem.Code.INVALID_VALUE,
                    condition.key(),
                    ConditionKeys.expectation(condition.key()));
        }
        if (condition.values().isEmpty() && condition.notValues().isEmpty()) {
            add(
                    path,
                    Problem.Code.MISSING,
                    "neither values nor notValues",
                    "at least one value to compare with");
        }
        String field = key.map(ConditionKeys::field).orElse("");
        checkValues(path + ".values", field, condition.values());
        checkValues(path + ".notValues", field, condition.notValues());
        if (policy.action() == Action.CUSTOM && key.filter(this::needsIdentity).isPresent()) {
            add(
                    path + ".key",
                    Problem.Code.NOT_WITH_THIS_ACTION,
                    condition.key(),
                    "no identity in a CUSTOM policy: it is asked before the identity is known");
        }
        if (policy.group() == ApiGroup.ISTIO
                && policy.action() == Action.ALLOW
                && !condition.notValues().isEmpty()) {
            notices.hint(
                    locations,
                    path + ".notValues",
                    "NEGATIVE_MATCH_WITHOUT_ATTRIBUTE",
                    "true of a request that has no such attribute at all");
        }
    }

    private boolean needsIdentity(ConditionKey key) {
        return key instanceof ConditionKey.TokenClaim || NOT_A_CONDITION_OF_CUSTOM.contains(key);
    }

    private void checkValues(String path, String field, List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            String at = path + "[" + i + "]";
            ValueRules.fault(field, values.get(i)).ifPresent(fault -> report(at, fault));
        }
    }

    private void refuseAllEmpty(Map<String, List<String>> fields, String path, String what) {
        if (fields.values().stream().allMatch(List::isEmpty)) {
            add(path, Problem.Code.EMPTY, "nothing", "at least one field in " + what);
        }
    }

    private void report(String path, ValueRules.Fault fault) {
        add(path, fault.code(), fault.value(), fault.expected());
    }

    private void add(String path, Problem.Code code, String value, String expected) {
        report.add(locations.lineOf(path), path, code, value, expected);
    }
}
