package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.Destination;
import dev.countersign.policy.analysis.Destination.Listener;
import dev.countersign.policy.analysis.Destination.Protocol;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.StrictDocument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The workloads of a mesh, in a YAML or JSON list of {@code {namespace, serviceAccount, labels,
 * name, ports}}, bare or under {@code workloads:}. A port is a number, or {@code {port, protocol}}
 * with {@code http}, {@code tcp} or {@code auto}.
 */
final class WorkloadsFile {

    private static final long MAX_BYTES = 64L << 20;
    private static final Set<String> FIELDS =
            Set.of("namespace", "serviceAccount", "labels", "name", "ports", "pod");

    private final Path file;

    private WorkloadsFile(Path file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @throws PolicyFiles.UnusableFile where it is no such list
     */
    static List<Destination> read(Path file) throws PolicyFiles.UnusableFile {
        return new WorkloadsFile(file).read();
    }

    private List<Destination> read() throws PolicyFiles.UnusableFile {
        JsonNode root;
        try {
            root = StrictDocument.read(file.toString(), PolicyFiles.read(file, MAX_BYTES));
        } catch (PolicyRefused e) {
            throw new PolicyFiles.UnusableFile(e.problems().getFirst().toString());
        }
        JsonNode rows = root.isObject() ? root.path("workloads") : root;
        if (!rows.isArray()) {
            throw new PolicyFiles.UnusableFile(file + ": expected: a list of workloads");
        }
        List<Destination> destinations = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            Destination one = destination(rows.get(i), "[" + i + "]");
            if (!names.add(one.name())) {
                // Several with one name, as pods of a deployment may be: the same to a person.
                one = new Destination(one.name() + "#" + i, one.workload(), one.ports(), false);
            }
            destinations.add(one);
        }
        return destinations;
    }

    private Destination destination(JsonNode row, String where) throws PolicyFiles.UnusableFile {
        if (!row.isObject()) {
            throw wrong(where, row, "{namespace, serviceAccount, labels, name, ports}");
        }
        for (String field : (Iterable<String>) row::fieldNames) {
            if (!FIELDS.contains(field)) {
                throw wrong(where + "." + field, row.path(field), "one of " + FIELDS);
            }
        }
        String namespace = text(row, "namespace", where, "");
        if (namespace.isEmpty()) {
            throw wrong(where + ".namespace", row.path("namespace"), "a namespace");
        }
        String account = text(row, "serviceAccount", where, "default");
        String name = text(row, "name", where, account);
        List<Listener> ports = new ArrayList<>();
        for (JsonNode port : row.path("ports")) {
            ports.add(listener(port, where + ".ports"));
        }
        return new Destination(
                namespace + "/" + name,
                new Workload(namespace, account, labels(row.path("labels"), where)),
                ports,
                false);
    }

    private SortedMap<String, String> labels(JsonNode node, String where)
            throws PolicyFiles.UnusableFile {
        SortedMap<String, String> labels = new TreeMap<>();
        for (var one : node.properties()) {
            if (!one.getValue().isTextual()) {
                throw wrong(where + ".labels." + one.getKey(), one.getValue(), "a string");
            }
            labels.put(one.getKey(), one.getValue().asText());
        }
        return labels;
    }

    private Listener listener(JsonNode node, String where) throws PolicyFiles.UnusableFile {
        JsonNode number = node.isObject() ? node.path("port") : node;
        if (!number.isIntegralNumber() || number.asInt() < 0 || number.asInt() > 65535) {
            throw wrong(where, node, "0 to 65535, or {port, protocol}");
        }
        Protocol protocol =
                switch (text(node, "protocol", where, "auto")) {
                    case "http", "grpc", "http2" -> Protocol.HTTP;
                    case "tcp" -> Protocol.TCP;
                    case "auto" -> Protocol.AUTO;
                    default -> throw wrong(where + ".protocol", node, "http, tcp or auto");
                };
        return new Listener(number.asInt(), protocol);
    }

    private String text(JsonNode row, String field, String where, String otherwise)
            throws PolicyFiles.UnusableFile {
        JsonNode value = row.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isTextual()) {
            throw wrong(where + "." + field, value, "a string");
        }
        return value.asText();
    }

    private PolicyFiles.UnusableFile wrong(String where, JsonNode value, String expected) {
        return new PolicyFiles.UnusableFile(
                file
                        + ": "
                        + where
                        + ": "
                        + (value.isMissingNode() ? "nothing" : value)
                        + " (expected: "
                        + expected
                        + ")");
    }
}
