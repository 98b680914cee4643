package dev.countersign.server.kubernetes.schema;

import dev.countersign.policy.parse.Bounds;

/** What several resources have in common. */
final class Parts {
    /** RFC 1123 subdomain. */
    static final String NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    static final int NAME_LENGTH = 253;

    /** {@code 90s}, {@code 1h30m}, {@code 7d}, {@code PT1H}: as the configuration has them. */
    private static final String DURATION =
            "^([0-9]{1,6}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$"
                    + "|^[-+]?[Pp][-+0-9DdTtHhMmSs.,]+$";

    private Parts() {}

    /** A whole object; what is not known beside its fields is kept, for the parser to refuse. */
    static Schema document(String description, Schema spec, Schema status) {
        return Schema.object(description)
                .field("apiVersion", Schema.text("countersign.dev/v1"))
                .field("kind", Schema.text("The kind of the resource."))
                .field("metadata", Schema.metadata())
                .field("spec", spec)
                .field("status", status);
    }

    static Schema duration(String description) {
        return Schema.text(description).notEmpty().longest(32).pattern(DURATION);
    }

    static Schema selector() {
        return Schema.object("Which workloads of its scope; missing or empty: every one.")
                .field(
                        "matchLabels",
                        Schema.map(
                                "Labels that a workload must have, each with this value.",
                                Schema.text("No * in it.").pattern("^[^*]*$")));
    }

    static Schema targetReference() {
        return Schema.object("An object of the same namespace; sidecars skip such a policy.")
                .field(
                        "group",
                        Schema.text("API group; empty or core for Service.")
                                .values(
                                        "",
                                        "core",
                                        "gateway.networking.k8s.io",
                                        "networking.istio.io"))
                .field(
                        "kind",
                        Schema.text("Kind.")
                                .values("Gateway", "GatewayClass", "Service", "ServiceEntry"))
                .field("name", Schema.text("Name.").notEmpty())
                .field("namespace", Schema.text("Must be empty.").longest(0))
                .required("kind", "name");
    }

    /** {@code targetRefs}, the single {@code targetRef}, and {@code selector}, with their rules. */
    static Schema scope(Schema spec) {
        return spec.field("selector", selector())
                .field(
                        "targetRefs",
                        Schema.list("Objects to bind to instead of a selector.", targetReference())
                                .mostItems(Bounds.TARGETS))
                .field("targetRef", targetReference())
                .rule(
                        "!has(self.targetRef) || !has(self.targetRefs) || size(self.targetRefs) == 0",
                        "targetRef beside targetRefs (expected: one of the two)")
                .rule(
                        "!(has(self.selector) && has(self.selector.matchLabels) &&"
                                + " size(self.selector.matchLabels) > 0) || !(has(self.targetRef) ||"
                                + " (has(self.targetRefs) && size(self.targetRefs) > 0))",
                        "selector beside targetRefs (expected: one of the two)");
    }

    /** What the server says of an object, with room for more. */
    static Schema status() {
        return Schema.object("Written by the server.")
                .field(
                        "observedGeneration",
                        Schema.integer("The generation of the spec that this is about."))
                .field(
                        "conditions",
                        Schema.list("What is so, and since when.", condition()).keyedBy("type"));
    }

    /** The same of what agents enforce. */
    static Schema enforcedStatus() {
        return status().field("enforced", Schema.text("\"2 of 3 agents\"."))
                .field("agents", agents());
    }

    /** A reason in words of a fixed list, and a text for people. */
    private static Schema condition() {
        return Schema.object("One of them.")
                .field("type", Schema.text("Accepted, Enforced and others."))
                .field(
                        "status",
                        Schema.text("Whether it is so.").values("True", "False", "Unknown"))
                .field("reason", Schema.text("A stable code."))
                .field("message", Schema.text("For people: path, value and expectation."))
                .field("lastTransitionTime", Schema.time("Since when."))
                .field("observedGeneration", Schema.integer("Of the spec that it is about."))
                .required("type", "status");
    }

    private static Schema agents() {
        return Schema.object("Of those that are connected.")
                .field("selected", Schema.integer("Whose workload it applies to."))
                .field("enforcing", Schema.integer("That have loaded it."))
                .field(
                        "lagging",
                        Schema.list(
                                "Some of the others, by name.",
                                Schema.object("One of them.")
                                        .field("name", Schema.text("Namespace and pod."))
                                        .field("because", Schema.text("Why."))));
    }
}
