package dev.countersign.server.admission.review;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Prints the answer to a question. */
public final class ReviewWriter {
    /** The API server cuts a warning at 256 characters when they come to more than 4096 in all. */
    private static final int MAX_WARNING = 250;

    private static final int MAX_WARNINGS = 16;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ReviewWriter() {}

    /** An {@code AdmissionReview} in JSON. */
    public static byte[] write(String uid, ReviewAnswer answer) {
        ObjectNode review = JsonNodeFactory.instance.objectNode();
        review.put("apiVersion", ReviewReader.API_VERSION).put("kind", "AdmissionReview");
        ObjectNode response = review.putObject("response").put("uid", uid);
        switch (answer) {
            case ReviewAnswer.Allowed allowed -> response.put("allowed", true);
            case ReviewAnswer.Patched patched ->
                    response.put("allowed", true)
                            .put("patchType", "JSONPatch")
                            .put("patch", bytes(patched.patch()));
            case ReviewAnswer.Refused refused ->
                    response.put("allowed", false)
                            .putObject("status")
                            .put("code", 403)
                            .put("reason", "Forbidden")
                            .put("message", refused.message() + " [" + refused.reason() + "]");
        }
        warnings(response, answer.warnings());
        return bytes(review);
    }

    private static void warnings(ObjectNode response, List<String> warnings) {
        if (warnings.isEmpty()) {
            return;
        }
        ArrayNode array = response.putArray("warnings");
        warnings.stream().limit(MAX_WARNINGS).map(ReviewWriter::cut).forEach(array::add);
        if (warnings.size() > MAX_WARNINGS) {
            array.add("and " + (warnings.size() - MAX_WARNINGS) + " more warnings");
        }
    }

    private static String cut(String warning) {
        return warning.length() <= MAX_WARNING
                ? warning
                : warning.substring(0, MAX_WARNING - 1) + "…";
    }

    private static byte[] bytes(JsonNode tree) {
        try {
            return JSON.writeValueAsBytes(tree);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree prints
        }
    }
}
