package dev.countersign.edges;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The file of an {@link EdgeExport}: {@code {"version":1, "window":{"from","to"}, "complete",
 * "incompleteBecause":[…], "edges":[{"source", "sourceAddress", "destination", "labels",
 * "observedBy", "port", "protocol", "method", "pathTemplate", "decision", "policy", "rule",
 * "dryRun":{"decision","policy","rule"}, "tls", "count", "firstSeen", "lastSeen"}]}}.
 *
 * <p>Times are ISO 8601 in UTC. {@code sourceAddress}, {@code labels} and {@code dryRun} may be
 * absent; fields that this version does not know are passed over. {@code complete} must agree with
 * {@code incompleteBecause}, so that nobody edits one and forgets the other.
 */
public final class EdgeExportJson {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private EdgeExportJson() {}

    /** The file's content, with one edge a line. */
    public static String write(EdgeExport export) {
        ObjectNode head = head(export);
        StringBuilder text = new StringBuilder();
        String open = head.toString();
        text.append(open, 0, open.length() - 1).append(",\"edges\":[");
        String separator = "\n";
        for (ObservedEdge edge : export.edges()) {
            text.append(separator).append(edge(edge));
            separator = ",\n";
        }
        return text.append("\n]}\n").toString();
    }

    /** As {@link #write}, as a tree. */
    public static ObjectNode tree(EdgeExport export) {
        ObjectNode document = head(export);
        ArrayNode edges = document.putArray("edges");
        export.edges().forEach(edge -> edges.add(edge(edge)));
        return document;
    }

    /**
     * Reads a file.
     *
     * @throws BadEdgeExport when it is none, or of another version
     */
    public static EdgeExport read(byte[] content) throws BadEdgeExport {
        JsonNode root = parse(content);
        if (!root.isObject()) {
            throw new BadEdgeExport("not an export of edges (expected: a JSON object)");
        }
        int version = root.path("version").asInt(0);
        if (version != EdgeExport.VERSION) {
            throw new BadEdgeExport(
                    "version: " + root.path("version") + " (expected: " + EdgeExport.VERSION + ")");
        }
        List<String> because = new ArrayList<>();
        root.path("incompleteBecause").forEach(reason -> because.add(reason.asText()));
        if (!root.path("complete").isBoolean()
                || root.path("complete").asBoolean() != because.isEmpty()) {
            throw new BadEdgeExport(
                    "complete: "
                            + root.path("complete")
                            + " with "
                            + because.size()
                            + " reasons in incompleteBecause (expected: true without, false with)");
        }
        JsonNode rows = root.path("edges");
        if (!rows.isArray()) {
            throw new BadEdgeExport("edges: missing (expected: an array)");
        }
        List<ObservedEdge> edges = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            edges.add(edge(new Row(rows.get(i), "edges[" + i + "].")));
        }
        Row window = new Row(root.path("window"), "window.");
        return new EdgeExport(window.time("from"), window.time("to"), because, edges);
    }

    private static JsonNode parse(byte[] content) throws BadEdgeExport {
        try {
            return JSON.readTree(content);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new BadEdgeExport("not JSON: line " + line + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new BadEdgeExport("not JSON: " + e.getMessage());
        }
    }

    private static ObjectNode head(EdgeExport export) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("version", EdgeExport.VERSION);
        document.putObject("window")
                .put("from", export.from().toString())
                .put("to", export.to().toString());
        document.put("complete", export.complete());
        ArrayNode because = document.putArray("incompleteBecause");
        export.incompleteBecause().forEach(because::add);
        return document;
    }

    /** One edge as it stands in the file. */
    public static ObjectNode edge(ObservedEdge edge) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("source", edge.source());
        if (!edge.sourceAddress().isEmpty()) {
            node.put("sourceAddress", edge.sourceAddress());
        }
        node.put("destination", edge.destination());
        if (!edge.labels().isEmpty()) {
            ObjectNode labels = node.putObject("labels");
            edge.labels().forEach(labels::put);
        }
        node.put(
                "observedBy",
                edge.observedBy() == EdgeDirection.INBOUND ? "destination" : "source");
        node.put("port", edge.port())
                .put("protocol", edge.protocol())
                .put("method", edge.method())
                .put("pathTemplate", edge.pathTemplate());
        put(node, edge.ruling());
        edge.dryRun().ifPresent(shadow -> put(node.putObject("dryRun"), shadow));
        return node.put("tls", edge.tls().name().toLowerCase(Locale.ROOT))
                .put("count", edge.count())
                .put("firstSeen", edge.firstSeen().toString())
                .put("lastSeen", edge.lastSeen().toString());
    }

    private static void put(ObjectNode node, Ruling ruling) {
        node.put("decision", ruling.allowed() ? "allowed" : "denied")
                .put("policy", ruling.policy())
                .put("rule", ruling.rule());
    }

    private static ObservedEdge edge(Row row) throws BadEdgeExport {
        String protocol = row.oneOf("protocol", ObservedEdge.HTTP, ObservedEdge.TCP);
        String by =
                row.has("observedBy")
                        ? row.oneOf("observedBy", "destination", "source")
                        : "destination";
        return new ObservedEdge(
                row.text("source"),
                row.has("sourceAddress") ? row.text("sourceAddress") : "",
                row.text("destination"),
                row.labels(),
                by.equals("destination") ? EdgeDirection.INBOUND : EdgeDirection.OUTBOUND,
                (int) row.number("port", 0, 0xffff),
                protocol,
                row.text("method"),
                row.text("pathTemplate"),
                row.ruling(),
                row.has("dryRun") ? Optional.of(row.inner("dryRun").ruling()) : Optional.empty(),
                row.oneOf("tls", "mtls", "plaintext").equals("mtls")
                        ? EdgeTls.MTLS
                        : EdgeTls.PLAINTEXT,
                row.number("count", 1, Long.MAX_VALUE),
                row.time("firstSeen"),
                row.time("lastSeen"));
    }

    /** Fields of one object, each demanded in its form. */
    private record Row(JsonNode node, String where) {
        boolean has(String field) {
            return node.hasNonNull(field);
        }

        Row inner(String field) {
            return new Row(node.path(field), where + field + ".");
        }

        String text(String field) throws BadEdgeExport {
            JsonNode value = node.path(field);
            if (!value.isTextual()) {
                throw wrong(field, value, "a string");
            }
            return value.asText();
        }

        String oneOf(String field, String one, String other) throws BadEdgeExport {
            String value = text(field);
            if (!value.equals(one) && !value.equals(other)) {
                throw wrong(field, node.path(field), one + " or " + other);
            }
            return value;
        }

        long number(String field, long least, long most) throws BadEdgeExport {
            JsonNode value = node.path(field);
            if (!value.isIntegralNumber()
                    || !value.canConvertToLong()
                    || value.asLong() < least
                    || value.asLong() > most) {
                throw wrong(field, value, least + " to " + most);
            }
            return value.asLong();
        }

        Instant time(String field) throws BadEdgeExport {
            try {
                return Instant.parse(text(field));
            } catch (DateTimeParseException e) {
                throw wrong(field, node.path(field), "a time such as 2026-03-01T10:15:02Z");
            }
        }

        Ruling ruling() throws BadEdgeExport {
            return new Ruling(
                    oneOf("decision", "allowed", "denied").equals("allowed"),
                    text("policy"),
                    (int) number("rule", -1, Integer.MAX_VALUE));
        }

        Map<String, String> labels() throws BadEdgeExport {
            Map<String, String> labels = new TreeMap<>();
            if (!has("labels")) {
                return labels;
            }
            Row inner = inner("labels");
            for (Map.Entry<String, JsonNode> label : inner.node().properties()) {
                labels.put(label.getKey(), inner.text(label.getKey()));
            }
            return labels;
        }

        private BadEdgeExport wrong(String field, JsonNode value, String expected) {
            String shown = value.isMissingNode() ? "missing" : value.toString();
            return new BadEdgeExport(
                    where
                            + field
                            + ": "
                            + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown)
                            + " (expected: "
                            + expected
                            + ")");
        }
    }
}
