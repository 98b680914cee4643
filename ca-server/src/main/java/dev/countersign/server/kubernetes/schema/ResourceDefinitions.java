package dev.countersign.server.kubernetes.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** The definitions of the custom resources, as files have them. */
public final class ResourceDefinitions {
    private static final String HEAD =
            """
            # Made from the parser's own bounds; do not edit: a test writes it anew with
            # -Dcountersign.regenerate=true.
            """;
    private static final int WIDTH = 120;

    private ResourceDefinitions() {}

    /** {@code authorizationpolicies.yaml} */
    public static String fileName(ResourceKind kind) {
        return kind.plural() + ".yaml";
    }

    /** The whole file. */
    public static String yaml(ResourceKind kind) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndicatorIndent(0);
        options.setWidth(WIDTH);
        options.setSplitLines(true);
        return HEAD + new Yaml(options).dump(definition(kind));
    }

    private static SequencedMap<String, Object> definition(ResourceKind kind) {
        SequencedMap<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", kind.definition());
        SequencedMap<String, Object> definition = new LinkedHashMap<>();
        definition.put("apiVersion", "apiextensions.k8s.io/v1");
        definition.put("kind", "CustomResourceDefinition");
        definition.put("metadata", metadata);
        definition.put("spec", spec(kind));
        return definition;
    }

    private static SequencedMap<String, Object> spec(ResourceKind kind) {
        SequencedMap<String, Object> names = new LinkedHashMap<>();
        names.put("kind", kind.kind());
        names.put("listKind", kind.kind() + "List");
        names.put("plural", kind.plural());
        names.put("singular", kind.kind().toLowerCase(Locale.ROOT));
        names.put("shortNames", List.of(kind.shortName()));
        names.put("categories", List.of("countersign"));
        SequencedMap<String, Object> spec = new LinkedHashMap<>();
        spec.put("group", ResourceKind.GROUP);
        spec.put("scope", kind.isNamespaced() ? "Namespaced" : "Cluster");
        spec.put("names", names);
        spec.put("conversion", mapOf("strategy", "None"));
        spec.put("versions", List.of(version(kind)));
        return spec;
    }

    private static SequencedMap<String, Object> version(ResourceKind kind) {
        SequencedMap<String, Object> version = new LinkedHashMap<>();
        version.put("name", ResourceKind.VERSION);
        version.put("served", true);
        version.put("storage", true);
        version.put("subresources", mapOf("status", mapOf()));
        version.put("additionalPrinterColumns", kind.columns().stream().map(Column::node).toList());
        version.put("schema", mapOf("openAPIV3Schema", kind.schema().node()));
        return version;
    }

    private static SequencedMap<String, Object> mapOf() {
        return new LinkedHashMap<>();
    }

    private static SequencedMap<String, Object> mapOf(String key, Object value) {
        SequencedMap<String, Object> map = new LinkedHashMap<>();
        map.put(key, value);
        return map;
    }
}
