package dev.countersign.policy.parse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Reads JSON as JSON. Almost all of it is YAML as well, but YAML knows no tabs for indentation and
 * takes a slash after a backslash for a mistake.
 */
final class JsonDocuments {

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DocumentReader.MAX_DEPTH)
                                    .build())
                    .build();

    private final JsonParser tokens;
    private final Report report;

    private JsonDocuments(JsonParser tokens, Report report) {
        this.tokens = tokens;
        this.report = report;
    }

    /** The documents; empty if the text is not JSON throughout, without having reported anything. */
    static Optional<List<Node>> read(String text, Report report) {
        if (!text.stripLeading().startsWith("{")) {
            return Optional.empty();
        }
        Report found = report.beside();
        List<Node> documents = new ArrayList<>();
        try (JsonParser tokens = JSON.createParser(text)) {
            JsonDocuments reader = new JsonDocuments(tokens, found);
            while (tokens.nextToken() != null) {
                documents.add(reader.node());
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        report.addAll(found);
        return Optional.of(documents);
    }

    private Node node() throws IOException {
        int line = line();
        return switch (tokens.currentToken()) {
            case START_OBJECT -> fields(line);
            case START_ARRAY -> items(line);
            case VALUE_TRUE, VALUE_FALSE -> scalar(Node.Scalar.Kind.BOOLEAN, line);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> scalar(Node.Scalar.Kind.NUMBER, line);
            case VALUE_NULL -> scalar(Node.Scalar.Kind.NULL, line);
            case VALUE_STRING -> scalar(Node.Scalar.Kind.STRING, line);
            case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                    throw new IOException("unexpected token");
        };
    }

    private Node fields(int line) throws IOException {
        SequencedMap<String, Node> fields = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        while (tokens.nextToken() != JsonToken.END_OBJECT) {
            String name = tokens.currentName();
            int keyLine = line();
            DocumentReader.checkText(name, keyLine, report);
            tokens.nextToken();
            Node value = node();
            if (fields.putIfAbsent(name, value) != null) {
                DocumentReader.duplicate(name, keyLine, lines.getOrDefault(name, 0), report);
            } else {
                lines.put(name, keyLine);
            }
        }
        return new Node.Fields(fields, lines, line);
    }

    private Node items(int line) throws IOException {
        List<Node> items = new ArrayList<>();
        while (tokens.nextToken() != JsonToken.END_ARRAY) {
            items.add(node());
        }
        return new Node.Items(items, line);
    }

    private Node scalar(Node.Scalar.Kind kind, int line) throws IOException {
        String text = tokens.getText();
        DocumentReader.checkText(text, line, report);
        return new Node.Scalar(text, kind, line);
    }

    private int line() {
        return tokens.currentTokenLocation().getLineNr();
    }
}
