package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.injection.InjectionRefused.Reason;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A pod, or a pod's template: {@code metadata} and {@code spec} are in the same places. Reads only.
 *
 * @param tree as it came
 */
record PodView(ObjectNode tree) {
    /** All lists of containers that a spec may have, in the order in which they are looked at. */
    static final List<String> CONTAINER_LISTS = List.of("containers", "initContainers");

    /**
     * @throws InjectionRefused when it has no containers, or something else in their place
     */
    static PodView of(ObjectNode tree) throws InjectionRefused {
        JsonNode containers = tree.path("spec").path("containers");
        if (!containers.isArray() || containers.isEmpty()) {
            throw new InjectionRefused(
                    Reason.MALFORMED, "spec.containers: none (expected: at least one)");
        }
        for (JsonNode parent : List.of(tree.path("metadata"), tree.path("spec"))) {
            if (!parent.isMissingNode() && !parent.isObject()) {
                throw new InjectionRefused(
                        Reason.MALFORMED,
                        "metadata, spec: " + parent.getNodeType() + " (expected: objects)");
            }
        }
        return new PodView(tree);
    }

    JsonNode spec() {
        return tree.path("spec");
    }

    Optional<String> annotation(String name) {
        return text(tree.path("metadata").path("annotations").path(name));
    }

    Optional<String> label(String name) {
        return text(tree.path("metadata").path("labels").path(name));
    }

    boolean hasContainer(String name) {
        return CONTAINER_LISTS.stream().anyMatch(list -> named(spec().path(list), name));
    }

    boolean hasVolume(String name) {
        return named(spec().path("volumes"), name);
    }

    /** By what it says and by what is in it: an annotation alone makes no sidecar. */
    boolean isInjected() {
        return annotation(Names.INJECTED).isPresent() && hasContainer(Names.AGENT);
    }

    private static boolean named(JsonNode list, String name) {
        Iterator<JsonNode> each = list.elements();
        while (each.hasNext()) {
            if (each.next().path("name").asText("").equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<String> text(JsonNode node) {
        return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
    }
}
