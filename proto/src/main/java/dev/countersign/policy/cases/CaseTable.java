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

/** A table of cases in its JSON form. */
public record CaseTable(List<PolicyCase> cases) {

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
        List<PolicyCase> cases = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            cases.add(CaseReader.read(rows.get(i), i));
        }
        return new CaseTable(cases);
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
}
