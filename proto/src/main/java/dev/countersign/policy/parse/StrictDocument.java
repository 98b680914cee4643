package dev.countersign.policy.parse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Reads a YAML or JSON file that stands beside policies (their tests, what they are tested with) by
 * the same rules as policies: size, characters, no aliases, no key twice.
 */
public final class StrictDocument {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private StrictDocument() {}

    /**
     * The one document of a file, with values as YAML reads them without quotes.
     *
     * @param fileName how messages call the file
     * @throws PolicyRefused with everything that is wrong
     */
    public static JsonNode read(String fileName, byte[] content) throws PolicyRefused {
        Report report = new Report(fileName);
        String text = TextGuard.decode(content, report);
        List<Node> documents = text == null ? List.of() : DocumentReader.read(text, report);
        if (report.isEmpty() && documents.size() != 1) {
            report.add(
                    0, "", Problem.Code.WRONG_TYPE, documents.size() + " documents", "exactly one");
        }
        if (!report.isEmpty()) {
            throw new PolicyRefused(report.problems());
        }
        return tree(documents.getFirst());
    }

    private static JsonNode tree(Node node) {
        return switch (node) {
            case Node.Fields fields -> {
                ObjectNode object = NODES.objectNode();
                fields.fields().forEach((name, value) -> object.set(name, tree(value)));
                yield object;
            }
            case Node.Items items -> {
                ArrayNode array = NODES.arrayNode();
                items.items().forEach(item -> array.add(tree(item)));
                yield array;
            }
            case Node.Scalar scalar ->
                    switch (scalar.kind()) {
                        case STRING -> NODES.textNode(scalar.text());
                        case NULL -> NODES.nullNode();
                        case BOOLEAN -> NODES.booleanNode(isTrue(scalar.text()));
                        case NUMBER -> number(scalar.text());
                    };
        };
    }

    /** A number that is no decimal integer keeps its text. */
    private static JsonNode number(String text) {
        try {
            return NODES.numberNode(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return NODES.textNode(text);
        }
    }

    private static boolean isTrue(String text) {
        return switch (text.charAt(0)) {
            case 't', 'T', 'y', 'Y' -> true;
            default -> text.equalsIgnoreCase("on");
        };
    }
}
