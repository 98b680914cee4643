package dev.countersign.server.cli.inject;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.countersign.server.admission.injection.Injection;
import dev.countersign.server.admission.injection.InjectionRefused;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.injection.NamespaceFacts;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;

/** A stream of Kubernetes objects, and the pods in it. */
final class Manifests {
    /** Of one file, or of what is piped in. */
    static final int MAX_BYTES = 16 << 20;

    /** Where each kind has its pod, by kind. */
    private static final Map<String, String> TEMPLATES =
            Map.of(
                    "Pod", "",
                    "Deployment", "/spec/template",
                    "StatefulSet", "/spec/template",
                    "DaemonSet", "/spec/template",
                    "ReplicaSet", "/spec/template",
                    "ReplicationController", "/spec/template",
                    "Job", "/spec/template",
                    "CronJob", "/spec/jobTemplate/spec/template",
                    "PodTemplate", "/template");

    private static final YAMLMapper YAML = mapper();

    private final Injector injector;
    private final NamespaceFacts namespace;
    private final List<String> notes = new ArrayList<>();

    /**
     * @param namespace what is taken to be said by every namespace
     */
    Manifests(Injector injector, NamespaceFacts namespace) {
        this.injector = injector;
        this.namespace = namespace;
    }

    /** What was noticed, a line each; for people, not part of the stream. */
    List<String> notes() {
        return notes;
    }

    /**
     * Injects every pod of a stream.
     *
     * @throws IOException when it cannot be read
     * @throws InjectionRefused when one of them is to have an agent and cannot; nothing is to be used
     */
    String inject(byte[] stream) throws IOException, InjectionRefused {
        refuseAliases(stream);
        StringWriter out = new StringWriter();
        try (YAMLParser parser = YAML.getFactory().createParser(stream);
                MappingIterator<JsonNode> documents =
                        YAML.readerFor(JsonNode.class).readValues(parser)) {
            while (documents.hasNextValue()) {
                JsonNode document = documents.nextValue();
                if (document != null && !document.isMissingNode() && !document.isNull()) {
                    out.write("---\n");
                    out.write(YAML.writeValueAsString(injected(document)));
                }
            }
        }
        return out.toString();
    }

    /** They would be read as text. */
    private static void refuseAliases(byte[] stream) throws IOException {
        try (YAMLParser tokens = YAML.getFactory().createParser(stream)) {
            while (tokens.nextToken() != null) {
                if (tokens.isCurrentAlias()) {
                    throw new IOException(
                            "line "
                                    + tokens.currentTokenLocation().getLineNr()
                                    + ": an alias (expected: written out)");
                }
            }
        }
    }

    private JsonNode injected(JsonNode document) throws IOException, InjectionRefused {
        String kind = document.path("kind").asText("");
        if (kind.equals("List") && document.path("items").isArray()) {
            ObjectNode list = document.deepCopy();
            list.putArray("items");
            for (JsonNode item : document.path("items")) {
                list.withArray("/items").add(injected(item));
            }
            return list;
        }
        Optional<String> template = Optional.ofNullable(TEMPLATES.get(kind));
        if (template.isEmpty() || !(document.at(template.get()) instanceof ObjectNode pod)) {
            return document;
        }
        String name = kind + " " + document.at("/metadata/name").asText("(no name)");
        return withPod(document, template.get(), injected(name, pod));
    }

    private ObjectNode injected(String name, ObjectNode pod) throws InjectionRefused {
        try {
            Injection injection = injector.inject(pod, namespace);
            return switch (injection) {
                case Injection.Unchanged same -> {
                    notes.add(name + ": left as it is, " + same.why());
                    same.warnings().forEach(warning -> notes.add(name + ": " + warning));
                    yield pod;
                }
                case Injection.Injected injected -> {
                    notes.add(name + ": injected");
                    injected.warnings().forEach(warning -> notes.add(name + ": " + warning));
                    yield injected.pod();
                }
            };
        } catch (InjectionRefused refused) {
            throw new InjectionRefused(refused.reason(), name + ": " + refused.getMessage());
        }
    }

    private static JsonNode withPod(JsonNode document, String template, ObjectNode pod) {
        if (template.isEmpty()) {
            return pod;
        }
        ObjectNode changed = document.deepCopy();
        JsonPointer place = JsonPointer.compile(template);
        ((ObjectNode) changed.at(place.head())).set(place.last().getMatchingProperty(), pod);
        return changed;
    }

    private static YAMLMapper mapper() {
        LoaderOptions bounds = new LoaderOptions();
        bounds.setCodePointLimit(MAX_BYTES);
        return YAMLMapper.builder(YAMLFactory.builder().loaderOptions(bounds).build())
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .disable(YAMLGenerator.Feature.SPLIT_LINES)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
                .build();
    }
}
