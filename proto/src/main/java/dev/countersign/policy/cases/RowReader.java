package dev.countersign.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.policy.PathNormalizer;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Reads the rows of tables that have few columns. */
final class RowReader {

    private RowReader() {}

    static PathCase path(JsonNode row, int index) throws BadCaseTable {
        String id = id(row, index);
        JsonNode out = row.path("out");
        return new PathCase(
                id,
                row.path("name").asText(row.get("mode").asText() + " " + row.get("in").asText()),
                mode(row, index),
                text(row, "in", index),
                out.isMissingNode() || out.isNull() ? null : out.asText());
    }

    static AdmissionCase admission(JsonNode row, int index) throws BadCaseTable {
        String id = id(row, index);
        return new AdmissionCase(
                id,
                row.path("name").asText(id),
                text(row, "policy", index),
                flag(row, "valid", index),
                row.has("warning") && flag(row, "warning", index));
    }

    private static String id(JsonNode row, int index) {
        return row.path("id").asText("#" + index);
    }

    private static PathNormalizer.Mode mode(JsonNode row, int index) throws BadCaseTable {
        String written = row.get("mode").asText();
        String name = written.equals("DEFAULT") ? "BASE" : written;
        return Arrays.stream(PathNormalizer.Mode.values())
                .filter(mode -> mode.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        bad(
                                index,
                                "mode",
                                row.get("mode"),
                                "one of "
                                        + Arrays.stream(PathNormalizer.Mode.values())
                                                .map(Enum::name)
                                                .collect(Collectors.joining(", "))));
    }

    private static String text(JsonNode row, String field, int index) throws BadCaseTable {
        if (!row.get(field).isTextual()) {
            throw bad(index, field, row.get(field), "a text");
        }
        return row.get(field).asText();
    }

    private static boolean flag(JsonNode row, String field, int index) throws BadCaseTable {
        if (!row.get(field).isBoolean()) {
            throw bad(index, field, row.get(field), "true or false");
        }
        return row.get(field).asBoolean();
    }

    private static BadCaseTable bad(int index, String field, JsonNode value, String expected) {
        return new BadCaseTable(
                "case " + index + ": " + field + ": " + value + " (expected: " + expected + ")");
    }
}
