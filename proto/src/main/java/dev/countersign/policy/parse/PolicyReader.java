package dev.countersign.policy.parse;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.expression.CheckedExpression;
import dev.countersign.policy.expression.ExpressionCompiler;
import dev.countersign.policy.expression.ExpressionSchema;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the {@code metadata} and {@code spec} of one AuthorizationPolicy. */
final class PolicyReader {

    /** Istio's way to say {@link PolicyMode#DRY_RUN}. */
    static final String DRY_RUN = "istio.io/dry-run";

    /** Says that this policy may be the last ALLOW of a workload and become DryRun all the same. */
    static final String ALLOW_OPEN = "countersign.dev/allow-open";

    private static final String OURS_ONLY = "this field with apiVersion countersign.dev/v1 only";

    private final ApiGroup group;
    private final Report report;
    private final Report admission;
    private final Locations locations;
    private boolean mayOpen;

    /**
     * @param report takes what keeps the document from being read
     * @param admission takes what can be read and is not admitted
     */
    PolicyReader(ApiGroup group, Report report, Report admission, Locations locations) {
        this.group = group;
        this.report = report;
        this.admission = admission;
        this.locations = locations;
    }

    /** The policy; as far as it can be read where something was reported. */
    AuthorizationPolicy read(FieldReader document) {
        FieldReader spec =
                objectOrReport(document, "spec", "an object; {} is an ALLOW policy without rules");
        if (!document.has("metadata")) {
            objectOrReport(document, "metadata", "an object with a name");
        }
        Metadata named = Metadata.read(document);
        mayOpen = mayOpen(named.annotations());
        return spec == null ? empty(named) : spec(spec, named);
    }

    /** Whether the policy that was read says that it may leave workloads without an ALLOW. */
    boolean mayOpen() {
        return mayOpen;
    }

    private boolean mayOpen(Map<String, String> annotations) {
        String written = annotations.getOrDefault(ALLOW_OPEN, "false");
        if (!written.equals("true") && !written.equals("false")) {
            String path = "metadata.annotations." + ALLOW_OPEN;
            admission.add(
                    locations.lineOf(path),
                    path,
                    Problem.Code.INVALID_VALUE,
                    written,
                    "'true' or 'false'");
        }
        return written.equals("true");
    }

    private AuthorizationPolicy spec(FieldReader spec, Metadata named) {
        ScopeReader scope = new ScopeReader(report, admission, locations);
        Action action = action(spec);
        FieldReader provider = spec.object("provider");
        String providerName = null;
        if (provider != null) {
            providerName = Objects.requireNonNullElse(provider.string("name"), "");
            provider.finish();
        }
        AuthorizationPolicy policy =
                new AuthorizationPolicy(
                        group,
                        named.namespace(),
                        named.name(),
                        action,
                        mode(spec, action, named.annotations()),
                        scope.selector(spec),
                        scope.targets(spec),
                        providerName,
                        spec.list("rules", this::rule),
                        validUntil(spec));
        spec.finish();
        return policy;
    }

    private AuthorizationPolicy empty(Metadata named) {
        return new AuthorizationPolicy(
                group,
                named.namespace(),
                named.name(),
                Action.ALLOW,
                PolicyMode.ENFORCE,
                Map.of(),
                List.of(),
                null,
                List.of(),
                null);
    }

    private Action action(FieldReader spec) {
        String written = spec.string("action");
        if (written == null) {
            return Action.ALLOW;
        }
        for (Action action : Action.values()) {
            if (action.name().equals(written)) {
                return action;
            }
        }
        invalid(spec.pathOf("action"), written, "ALLOW, DENY, AUDIT or CUSTOM");
        return Action.ALLOW;
    }

    private PolicyMode mode(FieldReader spec, Action action, Map<String, String> annotations) {
        String annotation = annotations.get(DRY_RUN);
        if (group == ApiGroup.ISTIO) {
            spec.notHere("mode", OURS_ONLY);
            return annotation == null ? PolicyMode.ENFORCE : dryRun(annotation, action);
        }
        if (annotation != null) {
            admission.add(
                    locations.lineOf("metadata.annotations"),
                    "metadata.annotations." + DRY_RUN,
                    Problem.Code.INVALID_VALUE,
                    annotation,
                    "spec.mode: DryRun");
        }
        String written = Objects.requireNonNullElse(spec.string("mode"), "Enforce");
        return switch (written) {
            case "Enforce" -> PolicyMode.ENFORCE;
            case "DryRun" -> PolicyMode.DRY_RUN;
            default -> {
                invalid(spec.pathOf("mode"), written, "Enforce or DryRun");
                yield PolicyMode.ENFORCE;
            }
        };
    }

    private PolicyMode dryRun(String annotation, Action action) {
        String path = "metadata.annotations." + DRY_RUN;
        int line = locations.lineOf(path);
        if (!annotation.equals("true") && !annotation.equals("false")) {
            admission.add(line, path, Problem.Code.INVALID_VALUE, annotation, "'true' or 'false'");
        } else if (action == Action.AUDIT || action == Action.CUSTOM) {
            admission.add(
                    line, path, Problem.Code.NOT_WITH_THIS_ACTION, action.name(), "ALLOW or DENY");
        }
        return annotation.equals("true") ? PolicyMode.DRY_RUN : PolicyMode.ENFORCE;
    }

    private @Nullable Instant validUntil(FieldReader spec) {
        if (group == ApiGroup.ISTIO) {
            spec.notHere("validUntil", OURS_ONLY);
            return null;
        }
        String written = spec.string("validUntil");
        if (written == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(written).toInstant().truncatedTo(ChronoUnit.SECONDS);
        } catch (DateTimeException e) {
            invalid(
                    spec.pathOf("validUntil"),
                    written,
                    "a time as RFC 3339 has it: 2026-03-01T10:15:02Z");
            return null;
        }
    }

    private Rule rule(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        String expression = expression(fields);
        List<Source> from = fields.list("from", this::from);
        List<Operation> to = fields.list("to", this::to);
        refuseEmpty(fields, "from", from);
        refuseEmpty(fields, "to", to);
        Rule rule =
                new Rule(
                        from,
                        to,
                        fields.list("when", this::condition),
                        expression,
                        checked(expression, fields));
        fields.finish();
        return rule;
    }

    private @Nullable String expression(FieldReader rule) {
        if (group == ApiGroup.ISTIO) {
            rule.notHere("expression", OURS_ONLY);
            return null;
        }
        return rule.string("expression");
    }

    private @Nullable CheckedExpression checked(@Nullable String expression, FieldReader rule) {
        if (expression == null) {
            return null;
        }
        return switch (ExpressionCompiler.compile(expression)) {
            case ExpressionCompiler.Compiled compiled -> compiled.checked();
            case ExpressionCompiler.Refused refused -> {
                refused.faults().forEach(fault -> refuse(fault, expression, rule));
                yield null;
            }
        };
    }

    private void refuse(ExpressionCompiler.Fault fault, String expression, FieldReader rule) {
        String hint =
                fault.unknown()
                        .map(name ->
                                Suggestion.of(name, ExpressionSchema.names())
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse("; one of " + ExpressionSchema.names()))
                        .orElse("");
        String path = rule.pathOf("expression");
        admission.add(
                locations.lineOf(path),
                path,
                Problem.Code.EXPRESSION_INVALID,
                expression,
                "CEL; at " + fault + hint);
    }

    private void refuseEmpty(FieldReader rule, String field, List<?> read) {
        if (read.isEmpty() && rule.has(field)) {
            admission.add(
                    locations.lineOf(rule.pathOf(field)),
                    rule.pathOf(field),
                    Problem.Code.EMPTY,
                    "an empty list",
                    "at least one entry, or no " + field);
        }
    }

    private Source from(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        FieldReader source = fields.object("source");
        fields.finish();
        if (source == null) {
            return Source.ofPrincipals(List.of());
        }
        Source read =
                new Source(
                        source.strings("principals"),
                        source.strings("notPrincipals"),
                        source.strings("requestPrincipals"),
                        source.strings("notRequestPrincipals"),
                        source.strings("namespaces"),
                        source.strings("notNamespaces"),
                        source.strings("ipBlocks"),
                        source.strings("notIpBlocks"),
                        source.strings("remoteIpBlocks"),
                        source.strings("notRemoteIpBlocks"),
                        source.strings("serviceAccounts"),
                        source.strings("notServiceAccounts"),
                        source.strings("trustDomains"),
                        source.strings("notTrustDomains"));
        source.finish();
        return read;
    }

    private Operation to(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        FieldReader operation = fields.object("operation");
        fields.finish();
        if (operation == null) {
            List<String> none = List.of();
            return new Operation(none, none, none, none, none, none, none, none);
        }
        Operation read =
                new Operation(
                        operation.strings("hosts"),
                        operation.strings("notHosts"),
                        operation.strings("ports"),
                        operation.strings("notPorts"),
                        operation.strings("methods"),
                        operation.strings("notMethods"),
                        operation.strings("paths"),
                        operation.strings("notPaths"));
        operation.finish();
        return read;
    }

    private Condition condition(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        Condition condition =
                new Condition(
                        Objects.requireNonNullElse(fields.string("key"), ""),
                        fields.strings("values"),
                        fields.strings("notValues"));
        fields.finish();
        return condition;
    }

    private @Nullable FieldReader objectOrReport(
            FieldReader document, String name, String expected) {
        FieldReader object = document.object(name);
        if (object == null) {
            admission.add(locations.lineOf(""), name, Problem.Code.MISSING, "nothing", expected);
        }
        return object;
    }

    private void invalid(String path, String value, String expected) {
        report.add(locations.lineOf(path), path, Problem.Code.INVALID_VALUE, value, expected);
    }
}
