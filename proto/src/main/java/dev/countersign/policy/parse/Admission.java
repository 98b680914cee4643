package dev.countersign.policy.parse;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.Rule;
import dev.countersign.policy.TargetReference;
import java.util.List;
import java.util.Set;

/** What a well-formed policy may not say: the policy as a whole. */
final class Admission {

    /** Limits of Istio's CRD. */
    private static final int MAX_RULES = 512;

    private static final int MAX_ALTERNATIVES = 512;
    private static final int MAX_TARGETS = 16;
    private static final int MAX_NAMESPACE = 63;
    private static final int MAX_NAME = 253;

    /** Group and kind of what a policy can be attached to. */
    private static final Set<String> TARGETS =
            Set.of(
                    "gateway.networking.k8s.io/Gateway",
                    "gateway.networking.k8s.io/GatewayClass",
                    "/Service",
                    "core/Service",
                    "networking.istio.io/ServiceEntry");

    private final AuthorizationPolicy policy;
    private final Locations locations;
    private final Report report;
    private final Notices notices;

    Admission(AuthorizationPolicy policy, Locations locations, Report report, Notices notices) {
        this.policy = policy;
        this.locations = locations;
        this.report = report;
        this.notices = notices;
    }

    /** Reports everything that is not admitted. */
    void check() {
        checkNames();
        checkSelector();
        checkTargets();
        checkAction();
        limit("spec.rules", policy.rules().size(), MAX_RULES);
        RuleAdmission rules = new RuleAdmission(policy, locations, report, notices);
        for (int i = 0; i < policy.rules().size(); i++) {
            String path = "spec.rules[" + i + "]";
            Rule rule = policy.rules().get(i);
            limit(path + ".from", rule.from().size(), MAX_ALTERNATIVES);
            limit(path + ".to", rule.to().size(), MAX_ALTERNATIVES);
            rules.check(rule, path);
            warnOfWidening(rule, path);
        }
    }

    private void checkNames() {
        if (!isDnsName(policy.namespace(), MAX_NAMESPACE, false)) {
            add(
                    "metadata.namespace",
                    Problem.Code.INVALID_VALUE,
                    policy.namespace(),
                    "a namespace: at most 63 of a-z, 0-9 and -, not at the ends");
        }
        if (!isDnsName(policy.name(), MAX_NAME, true)) {
            add(
                    "metadata.name",
                    Problem.Code.INVALID_VALUE,
                    policy.name(),
                    "a name: at most 253 of a-z, 0-9, - and ., beginning and ending with a letter"
                            + " or digit");
        }
    }

    private void checkSelector() {
        policy.selector()
                .forEach((key, value) -> {
                    String path = "spec.selector.matchLabels";
                    if (key.isEmpty()) {
                        add(path, Problem.Code.EMPTY, "an empty key", "a label's name");
                    }
                    if (key.indexOf('*') >= 0 || value.indexOf('*') >= 0) {
                        add(
                                path,
                                Problem.Code.INVALID_VALUE,
                                key + ": " + value,
                                "a label without *: selectors know no wildcard");
                    }
                });
    }

    private void checkTargets() {
        List<TargetReference> targets = policy.targetRefs();
        limit("spec.targetRefs", targets.size(), MAX_TARGETS);
        if (!targets.isEmpty() && !policy.selector().isEmpty()) {
            add(
                    "spec.selector",
                    Problem.Code.CONFLICT,
                    "selector beside targetRefs",
                    "one of the two");
        }
        for (int i = 0; i < targets.size(); i++) {
            TargetReference target = targets.get(i);
            String path = "spec.targetRefs[" + i + "]";
            if (!TARGETS.contains(target.group() + "/" + target.kind())) {
                add(
                        path,
                        Problem.Code.INVALID_VALUE,
                        target.group() + "/" + target.kind(),
                        "Gateway, GatewayClass, Service or ServiceEntry with its group");
            }
            if (target.name().isEmpty()) {
                add(path + ".name", Problem.Code.MISSING, "nothing", "the object's name");
            }
            if (!target.namespace().isEmpty()) {
                add(
                        path + ".namespace",
                        Problem.Code.INVALID_VALUE,
                        target.namespace(),
                        "no namespace: a policy binds to objects of its own only");
            }
        }
    }

    private void checkAction() {
        Action action = policy.action();
        String provider = policy.provider();
        if (action == Action.CUSTOM && (provider == null || provider.isEmpty())) {
            add(
                    "spec.provider.name",
                    Problem.Code.MISSING,
                    "nothing",
                    "the provider that a CUSTOM policy asks");
        }
        if (action != Action.CUSTOM && provider != null) {
            add(
                    "spec.provider",
                    Problem.Code.NOT_WITH_THIS_ACTION,
                    action.name(),
                    "a provider with action CUSTOM only");
        }
        if (policy.rules().isEmpty() && (action == Action.DENY || action == Action.CUSTOM)) {
            add(
                    "spec.rules",
                    Problem.Code.MISSING,
                    "no rules",
                    "at least one rule with " + action + "; {} matches every request");
        }
    }

    /** On TCP only the HTTP fields of a DENY rule fall away, and the rest may be nothing. */
    private void warnOfWidening(Rule rule, String path) {
        if (policy.action() != Action.DENY) {
            return;
        }
        boolean port =
                rule.to().stream().anyMatch(o -> !o.ports().isEmpty() || !o.notPorts().isEmpty());
        boolean peer = rule.from().stream().anyMatch(SourceFields::holdsL4);
        boolean bySource = !rule.from().isEmpty() && rule.to().isEmpty() && !peer;
        boolean byOperation = !rule.to().isEmpty() && !port;
        boolean l4Condition = rule.when().stream().anyMatch(one -> isL4(one.key()));
        if (bySource || byOperation) {
            notices.warn(
                    locations,
                    path,
                    "DENY_WIDENED_ON_TCP",
                    "on TCP ports the HTTP fields of this rule fall away and it denies more than it"
                            + " says; give it a port");
        } else if (rule.from().isEmpty()
                && rule.to().isEmpty()
                && !rule.when().isEmpty()
                && !l4Condition) {
            notices.hint(
                    locations,
                    path,
                    "DENY_WIDENED_ON_TCP",
                    "on TCP ports these conditions fall away and the rule denies everything; give it"
                            + " a port");
        }
    }

    private static boolean isL4(String key) {
        return ConditionKey.parse(key).map(one -> !one.http()).orElse(false);
    }

    private void limit(String path, int size, int most) {
        if (size > most) {
            add(path, Problem.Code.LIMIT, size + " entries", "at most " + most);
        }
    }

    private void add(String path, Problem.Code code, String value, String expected) {
        report.add(locations.lineOf(path), path, code, value, expected);
    }

    /** RFC 1123 label, or several with dots between them. */
    private static boolean isDnsName(String name, int longest, boolean dots) {
        if (name.isEmpty() || name.length() > longest) {
            return false;
        }
        for (String label : name.split("\\.", -1)) {
            boolean inner =
                    label.chars()
                            .allMatch(c ->
                                    (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
            if (label.isEmpty() || !inner || label.startsWith("-") || label.endsWith("-")) {
                return false;
            }
        }
        return dots || name.indexOf('.') < 0;
    }
}
