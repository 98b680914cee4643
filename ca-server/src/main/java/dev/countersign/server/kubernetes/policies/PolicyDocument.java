package dev.countersign.server.kubernetes.policies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.server.distribution.WrittenPolicies;
import dev.countersign.server.kubernetes.resources.ResourceType;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An object as its author wrote it: without what the API server adds to it, which may be larger and
 * deeper than any policy, and without the copy of itself that kubectl leaves in an annotation.
 */
final class PolicyDocument {
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final ObjectMapper JSON = new ObjectMapper();

    private PolicyDocument() {}

    static WrittenPolicies.Key key(ResourceType type, GenericKubernetesResource object) {
        ObjectMeta metadata = object.getMetadata();
        return new WrittenPolicies.Key(
                type.group(), type.kind(), metadata.getNamespace(), metadata.getName());
    }

    static WrittenPolicies.Written of(ResourceType type, GenericKubernetesResource object) {
        ObjectMeta metadata = object.getMetadata();
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("name", metadata.getName());
        head.put("namespace", metadata.getNamespace());
        if (metadata.getAnnotations() != null) {
            Map<String, String> annotations = new HashMap<>(metadata.getAnnotations());
            annotations.remove(LAST_APPLIED);
            head.put("annotations", annotations);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apiVersion", type.group() + "/" + type.version());
        document.put("kind", type.kind());
        document.put("metadata", head);
        document.putAll(object.getAdditionalProperties());
        document.remove("status");
        return new WrittenPolicies.Written(
                key(type, object), generation(metadata), bytes(document));
    }

    static long generation(ObjectMeta metadata) {
        return metadata.getGeneration() == null ? 0 : metadata.getGeneration();
    }

    private static byte[] bytes(Map<String, Object> document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException unwritable) {
            // Nothing that was read from JSON comes here; the parser refuses what this says.
            return String.valueOf(unwritable.getOriginalMessage()).getBytes(StandardCharsets.UTF_8);
        }
    }
}
