package dev.countersign.policy.parse;

import java.util.Map;
import java.util.Objects;

/**
 * What every document has at its head.
 *
 * @param namespace empty where it is missing
 * @param name empty where it is missing
 */
record Metadata(String namespace, String name, Map<String, String> annotations) {
    Metadata {
        annotations = Map.copyOf(annotations);
    }

    /** Reads {@code metadata}; as far as it can be read where something was reported. */
    static Metadata read(FieldReader document) {
        FieldReader fields = document.object("metadata");
        if (fields == null) {
            return new Metadata("", "", Map.of());
        }
        Metadata read =
                new Metadata(
                        Objects.requireNonNullElse(fields.string("namespace"), ""),
                        Objects.requireNonNullElse(fields.string("name"), ""),
                        fields.texts("annotations"));
        fields.texts("labels");
        // What the API server adds.
        fields.ignore(
                "creationTimestamp",
                "deletionGracePeriodSeconds",
                "deletionTimestamp",
                "finalizers",
                "generateName",
                "generation",
                "managedFields",
                "ownerReferences",
                "resourceVersion",
                "selfLink",
                "uid");
        fields.finish();
        return read;
    }
}
