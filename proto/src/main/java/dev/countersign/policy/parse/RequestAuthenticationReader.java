package dev.countersign.policy.parse;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.TargetReference;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.RequestAuthentication;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads and admits one RequestAuthentication. */
final class RequestAuthenticationReader {
    private final ApiGroup group;
    private final Report report;
    private final Report admission;
    private final Locations locations;

    RequestAuthenticationReader(
            ApiGroup group, Report report, Report admission, Locations locations) {
        this.group = group;
        this.report = report;
        this.admission = admission;
        this.locations = locations;
    }

    /** As far as it can be read where something was reported. */
    RequestAuthentication read(FieldReader document) {
        Metadata metadata = Metadata.read(document);
        FieldReader spec = document.object("spec");
        Map<String, String> selector = Map.of();
        List<TargetReference> targets = List.of();
        List<JwtRule> rules = List.of();
        if (spec != null) {
            ScopeReader scope = new ScopeReader(report, admission, locations);
            selector = scope.selector(spec);
            targets = scope.targets(spec);
            rules = spec.list("jwtRules", this::rule);
            spec.finish();
        }
        RequestAuthentication one =
                new RequestAuthentication(
                        group, metadata.namespace(), metadata.name(), selector, targets, rules);
        check(one);
        return one;
    }

    private JwtRule rule(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        JwtRule rule =
                new JwtRule(
                        Objects.requireNonNullElse(fields.string("issuer"), ""),
                        fields.strings("audiences"),
                        fields.string("jwks"),
                        fields.string("jwksUri"),
                        fields.list("fromHeaders", this::tokenHeader),
                        fields.strings("fromParams"),
                        fields.strings("fromCookies"),
                        fields.string("outputPayloadToHeader"),
                        fields.list("outputClaimToHeaders", this::claimHeader),
                        fields.bool("forwardOriginalToken", false),
                        timeout(fields),
                        fields.strings("spaceDelimitedClaims"));
        fields.finish();
        return rule;
    }

    private JwtRule.TokenHeader tokenHeader(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        JwtRule.TokenHeader header =
                new JwtRule.TokenHeader(
                        Objects.requireNonNullElse(fields.string("name"), ""),
                        Objects.requireNonNullElse(fields.string("prefix"), ""));
        fields.finish();
        return header;
    }

    private JwtRule.ClaimHeader claimHeader(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        JwtRule.ClaimHeader header =
                new JwtRule.ClaimHeader(
                        Objects.requireNonNullElse(fields.string("header"), ""),
                        Objects.requireNonNullElse(fields.string("claim"), ""));
        fields.finish();
        return header;
    }

    private @Nullable Duration timeout(FieldReader fields) {
        String written = fields.string("timeout");
        if (written == null) {
            return null;
        }
        Duration read = WrittenDuration.parse(written);
        if (read == null || read.toMillis() < 1 || read.compareTo(Duration.ofMinutes(1)) > 0) {
            String path = fields.pathOf("timeout");
            report.add(
                    locations.lineOf(path),
                    path,
                    Problem.Code.INVALID_VALUE,
                    written,
                    "1ms to 1m, such as 5s");
            return null;
        }
        return read;
    }

    private void check(RequestAuthentication one) {
        ScopeAdmission scope = new ScopeAdmission(locations, admission);
        scope.check(one.namespace(), one.name(), one.selector(), one.targetRefs());
        scope.limit("spec.jwtRules", one.rules().size(), Bounds.JWT_RULES);
        JwtRuleAdmission rules = new JwtRuleAdmission(scope);
        for (int i = 0; i < one.rules().size(); i++) {
            rules.check(one.rules().get(i), "spec.jwtRules[" + i + "]");
        }
    }
}
