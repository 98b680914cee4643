package dev.countersign.policy.parse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads the documents of a YAML file, and so of a JSON one, from the parser's events.
 *
 * <p>Anchors and aliases are refused where they stand, so that nothing a file holds can be larger
 * than the file.
 */
final class DocumentReader {

    static final int MAX_DEPTH = 24;
    private static final String STRING_TAG = "tag:yaml.org,2002:str";

    private final Report report;
    private final ParserImpl events;

    private DocumentReader(String text, Report report) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(TextGuard.MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        this.report = report;
        this.events = new ParserImpl(new StreamReader(text), options);
    }

    /** The documents that are not empty, up to the first syntax error, which is reported. */
    static List<Node> read(String text, Report report) {
        return JsonDocuments.read(text, report).orElseGet(() -> readYaml(text, report));
    }

    /** Reports a key that stands twice in one object. */
    static void duplicate(String name, int line, int earlier, Report report) {
        report.add(
                line,
                "",
                Problem.Code.DUPLICATE_KEY,
                name,
                "each key once; it stands in line " + earlier + " already");
    }

    /** Reports a character that an escape spells: as hidden from a reviewer as the character. */
    static void checkText(String text, int line, Report report) {
        int forbidden = TextGuard.firstForbidden(text);
        if (forbidden >= 0) {
            report.add(
                    line,
                    "",
                    Problem.Code.FORBIDDEN_CHARACTER,
                    TextGuard.describe(forbidden),
                    TextGuard.EXPECTED);
        }
    }

    private static List<Node> readYaml(String text, Report report) {
        List<Node> documents = new ArrayList<>();
        try {
            new DocumentReader(text, report).readInto(documents);
        } catch (Unreadable e) {
            // Reported where it was found.
            return documents;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            String problem = e.getProblem() == null ? "not YAML" : e.getProblem();
            report.add(line, "", Problem.Code.SYNTAX, problem, "YAML or JSON");
        } catch (YAMLException e) {
            String problem = e.getMessage() == null ? "not YAML" : e.getMessage();
            report.add(0, "", Problem.Code.SYNTAX, problem, "YAML or JSON");
        }
        return documents;
    }

    private void readInto(List<Node> documents) throws Unreadable {
        while (!events.checkEvent(Event.ID.StreamEnd)) {
            Event event = events.getEvent();
            if (event instanceof NodeEvent start) {
                Node document = node(start, 0);
                boolean empty =
                        document instanceof Node.Scalar scalar
                                && scalar.kind() == Node.Scalar.Kind.NULL;
                if (!empty) {
                    documents.add(document);
                }
            }
        }
    }

    private Node node(NodeEvent event, int depth) throws Unreadable {
        int line = lineOf(event);
        if (depth > MAX_DEPTH) {
            throw unreadable(line, Problem.Code.TOO_DEEP, "nested deeper", MAX_DEPTH + " levels");
        }
        if (event.getAnchor() != null) {
            String sign = event instanceof AliasEvent ? "*" : "&";
            throw unreadable(
                    line,
                    Problem.Code.ALIAS_FORBIDDEN,
                    sign + event.getAnchor(),
                    "every value written out, no anchors and aliases");
        }
        return switch (event) {
            case ScalarEvent scalar -> scalar(scalar, line);
            case SequenceStartEvent list -> {
                refuseTag(list.getTag(), line);
                yield items(line, depth);
            }
            case MappingStartEvent object -> {
                refuseTag(object.getTag(), line);
                yield fields(line, depth);
            }
            default -> throw new IllegalStateException("unexpected event " + event.getEventId());
        };
    }

    private Node items(int line, int depth) throws Unreadable {
        List<Node> items = new ArrayList<>();
        while (!events.checkEvent(Event.ID.SequenceEnd)) {
            items.add(node((NodeEvent) events.getEvent(), depth + 1));
        }
        events.getEvent();
        return new Node.Items(items, line);
    }

    private Node fields(int line, int depth) throws Unreadable {
        SequencedMap<String, Node> fields = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        while (!events.checkEvent(Event.ID.MappingEnd)) {
            Node key = node((NodeEvent) events.getEvent(), depth + 1);
            Node value = node((NodeEvent) events.getEvent(), depth + 1);
            String name = nameOf(key);
            if (name != null && fields.putIfAbsent(name, value) != null) {
                duplicate(name, key.line(), lines.getOrDefault(name, 0), report);
            } else if (name != null) {
                lines.put(name, key.line());
            }
        }
        events.getEvent();
        return new Node.Fields(fields, lines, line);
    }

    private @Nullable String nameOf(Node key) {
        if (key instanceof Node.Scalar scalar && isName(scalar)) {
            return scalar.text();
        }
        report.add(
                key.line(), "", Problem.Code.WRONG_TYPE, key.describe(), "a key that is a string");
        return null;
    }

    /** Kubernetes takes a number as its text: ports stand as keys without quotes. */
    private static boolean isName(Node.Scalar key) {
        boolean digits = key.text().chars().allMatch(c -> c >= '0' && c <= '9');
        return switch (key.kind()) {
            case STRING -> !key.text().equals("<<");
            case NUMBER -> digits;
            case BOOLEAN, NULL -> false;
        };
    }

    private Node scalar(ScalarEvent event, int line) throws Unreadable {
        boolean quotedTag = STRING_TAG.equals(event.getTag());
        if (!quotedTag) {
            refuseTag(event.getTag(), line);
        }
        String text = event.getValue();
        checkText(text, line, report);
        boolean plain = event.isPlain() && !quotedTag;
        return new Node.Scalar(
                text, plain ? PlainScalar.kindOf(text) : Node.Scalar.Kind.STRING, line);
    }

    private void refuseTag(@Nullable String tag, int line) throws Unreadable {
        if (tag != null && !tag.equals("!")) {
            throw unreadable(line, Problem.Code.TAG_FORBIDDEN, tag, "values without tags");
        }
    }

    private Unreadable unreadable(int line, Problem.Code code, String value, String expected) {
        report.add(line, "", code, value, expected);
        return new Unreadable();
    }

    private static int lineOf(Event event) {
        return event.getStartMark() == null ? 0 : event.getStartMark().getLine() + 1;
    }

    /** Reading stops; why has been reported. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable() {
            super(null, null, false, false);
        }
    }
}
