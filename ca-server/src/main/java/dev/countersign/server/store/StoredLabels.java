package dev.countersign.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Labels of a pod as one text. Labels that Kubernetes gives anew with each roll-out or pod are left
 * out: no policy that means anything selects by them, and each would make every edge a new one.
 */
final class StoredLabels {
    private static final Set<String> PASSING =
            Set.of(
                    "pod-template-hash",
                    "controller-revision-hash",
                    "pod-template-generation",
                    "statefulset.kubernetes.io/pod-name",
                    "apps.kubernetes.io/pod-index",
                    "job-name",
                    "controller-uid",
                    "batch.kubernetes.io/job-name",
                    "batch.kubernetes.io/controller-uid",
                    "batch.kubernetes.io/job-completion-index");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private StoredLabels() {}

    static String text(Map<String, String> labels) {
        Map<String, String> lasting = new TreeMap<>(labels);
        lasting.keySet().removeAll(PASSING);
        return whole(lasting);
    }

    /** Nothing left out. */
    static String whole(Map<String, String> labels) {
        try {
            return labels.isEmpty() ? "" : JSON.writeValueAsString(new TreeMap<>(labels));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a map of texts always has a text
        }
    }

    static Map<String, String> labels(String text) {
        try {
            return text.isEmpty() ? Map.of() : JSON.readValue(text, TEXTS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("labels on record are no JSON: " + text, e);
        }
    }
}
