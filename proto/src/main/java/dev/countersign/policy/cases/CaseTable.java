package dev.countersign.policy.cases;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table of cases in one of its JSON forms, told apart by the keys of a row: decisions, normal
 * forms of paths ({@code mode}, {@code in}, {@code out}), or admissions ({@code policy}, {@code
 * valid}, {@code warning}).
 */
public record CaseTable(List<TestCase> cases) {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    public CaseTable {
        cases = List.copyOf(cases);
    }

    /**
     * Reads a table.
     *
     * @throws BadCaseTable if it is not JSON of this form; the message names the case and the field
     */
    public static CaseTable read(byte[] content) throws BadCaseTable {
        JsonNode root = parse(content);
        // A table may be wrapped: {"cases": […]}.
        JsonNode rows = root.isObject() && root.has("cases") ? root.get("cases") : root;
        if (!rows.isArray()) {
            throw new BadCaseTable(
                    "not a table: " + kindOf(rows) + " (expected: an array of cases)");
        }
        List<TestCase> cases = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            cases.add(row(rows.get(i), i));
        }
        return new CaseTable(cases);
    }

    /**
     * Reads a file of either form: a JSON table, or a test file in YAML.
     *
     * @param fileName how messages call the file
     * @param files finds the policies that a test file names
     * @throws BadCaseTable if it is neither; the message names the case and the field
     */
    public static CaseTable read(String fileName, byte[] content, PolicyFiles files)
            throws BadCaseTable {
        return isTable(content) ? read(content) : PolicyTestReader.read(fileName, content, files);
    }

    /** A table is an array, or an object with {@code cases}; a test file may be JSON as well. */
    private static boolean isTable(byte[] content) throws BadCaseTable {
        int first = 0;
        while (first < content.length && Character.isWhitespace(content[first])) {
            first++;
        }
        if (first < content.length && content[first] == '{') {
            return !parse(content).has("kind");
        }
        return first < content.length && content[first] == '[';
    }

    private static TestCase row(JsonNode row, int index) throws BadCaseTable {
        if (row.has("mode") && row.has("in")) {
            return RowReader.path(row, index);
        }
        return row.has("policy") && row.has("valid")
                ? RowReader.admission(row, index)
                : CaseReader.read(row, index);
    }

    private static JsonNode parse(byte[] content) throws BadCaseTable {
        try {
            return JSON.readTree(content);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new BadCaseTable("not JSON: line " + line + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new BadCaseTable("not JSON: " + e.getMessage());
        }
    }

    private static String kindOf(JsonNode node) {
        return node.isMissingNode()
                ? "nothing"
                : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    /** One file of policies. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record PolicyFile(String name, byte[] content) {}

    /** Finds policies by the names that a test file gives them. */
    @FunctionalInterface
    public interface PolicyFiles {
        /**
         * The file of this name, or those of a directory, seen from the test file.
         *
         * @throws BadCaseTable if there is none
         */
        List<PolicyFile> named(String reference) throws BadCaseTable;
    }
}
