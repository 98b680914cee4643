package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import java.time.Duration;
import java.util.Optional;

/** Pods and settings for tests. */
public final class Pods {
    public static final NamespaceFacts WANTED = new NamespaceFacts("shop", Optional.of(true));
    public static final NamespaceFacts SILENT = new NamespaceFacts("shop", Optional.empty());
    public static final NamespaceFacts UNWANTED = new NamespaceFacts("shop", Optional.of(false));

    public static final String PLAIN =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web-0, namespace: shop}
            spec:
              containers:
              - {name: web, image: "web:1", ports: [{name: http, containerPort: 8080}]}
            """;

    private static final YAMLMapper YAML = new YAMLMapper();

    private Pods() {}

    public static ObjectNode pod(String yaml) {
        try {
            return (ObjectNode) YAML.readTree(yaml);
        } catch (JsonProcessingException malformed) {
            throw new AssertionError(malformed);
        }
    }

    public static ObjectNode annotated(String yaml, String... namesAndValues) {
        ObjectNode pod = pod(yaml);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            pod.withObject("/metadata/annotations").put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return pod;
    }

    public static JsonNode agentFile(ObjectNode pod) {
        return pod(pod.at("/metadata/annotations/countersign.dev~1agent-config").asText());
    }

    public static InjectionSettings settings() {
        return new InjectionSettings(
                "1.2.3",
                "registry.example/countersign-agent:1.2.3",
                "IfNotPresent",
                new TrustDomain("example.org"),
                "countersign.countersign-system.svc:8443",
                "countersign",
                Duration.ofHours(1),
                "countersign-trust",
                "bootstrap.json",
                Mode.REDIRECT,
                true,
                false,
                true,
                1337,
                "info",
                InjectionSettings.Resources.STANDARD);
    }
}
