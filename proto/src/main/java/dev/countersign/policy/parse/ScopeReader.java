package dev.countersign.policy.parse;

import dev.countersign.policy.TargetReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads what says where a document applies: {@code selector} and {@code targetRefs}. */
final class ScopeReader {
    private final Report report;
    private final Report admission;
    private final Locations locations;

    ScopeReader(Report report, Report admission, Locations locations) {
        this.report = report;
        this.admission = admission;
        this.locations = locations;
    }

    Map<String, String> selector(FieldReader spec) {
        FieldReader selector = spec.object("selector");
        if (selector == null) {
            return Map.of();
        }
        Map<String, String> labels = selector.texts("matchLabels");
        selector.finish();
        return labels;
    }

    List<TargetReference> targets(FieldReader spec) {
        List<TargetReference> targets = new ArrayList<>(spec.list("targetRefs", this::target));
        Node single = spec.get("targetRef");
        if (single != null) {
            if (!targets.isEmpty()) {
                admission.add(
                        locations.lineOf(spec.pathOf("targetRef")),
                        spec.pathOf("targetRef"),
                        Problem.Code.CONFLICT,
                        "targetRef beside targetRefs",
                        "one of the two");
            }
            targets.add(target(single, spec.pathOf("targetRef")));
        }
        return targets;
    }

    private TargetReference target(Node node, String path) {
        FieldReader fields = FieldReader.of(node, path, report, locations);
        TargetReference target =
                new TargetReference(
                        Objects.requireNonNullElse(fields.string("group"), ""),
                        Objects.requireNonNullElse(fields.string("kind"), ""),
                        Objects.requireNonNullElse(fields.string("name"), ""),
                        Objects.requireNonNullElse(fields.string("namespace"), ""));
        fields.finish();
        return target;
    }
}
