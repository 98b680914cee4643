package dev.countersign.policy.parse;

import dev.countersign.policy.TargetReference;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the head of a document and its scope may not say, whatever its kind. */
final class ScopeAdmission {
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

    private final Locations locations;
    private final Report report;

    ScopeAdmission(Locations locations, Report report) {
        this.locations = locations;
        this.report = report;
    }

    void check(
            String namespace,
            String name,
            Map<String, String> selector,
            List<TargetReference> targets) {
        checkNames(namespace, name);
        checkSelector(selector);
        checkTargets(targets, !selector.isEmpty());
    }

    void limit(String path, int size, int most) {
        if (size > most) {
            add(path, Problem.Code.LIMIT, size + " entries", "at most " + most);
        }
    }

    void add(String path, Problem.Code code, String value, String expected) {
        report.add(locations.lineOf(path), path, code, value, expected);
    }

    private void checkNames(String namespace, String name) {
        if (!isDnsName(namespace, MAX_NAMESPACE, false)) {
            add(
                    "metadata.namespace",
                    Problem.Code.INVALID_VALUE,
                    namespace,
                    "a namespace: at most 63 of a-z, 0-9 and -, not at the ends");
        }
        if (!isDnsName(name, MAX_NAME, true)) {
            add(
                    "metadata.name",
                    Problem.Code.INVALID_VALUE,
                    name,
                    "a name: at most 253 of a-z, 0-9, - and ., beginning and ending with a letter"
                            + " or digit");
        }
    }

    private void checkSelector(Map<String, String> selector) {
        selector.forEach((key, value) -> {
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

    private void checkTargets(List<TargetReference> targets, boolean selects) {
        limit("spec.targetRefs", targets.size(), Bounds.TARGETS);
        if (!targets.isEmpty() && selects) {
            add(
                    "spec.selector",
                    Problem.Code.CONFLICT,
                    "selector beside targetRefs",
                    "one of the two");
        }
        for (int i = 0; i < targets.size(); i++) {
            checkTarget(targets.get(i), "spec.targetRefs[" + i + "]");
        }
    }

    private void checkTarget(TargetReference target, String path) {
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
