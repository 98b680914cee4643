package dev.countersign.server.admission.review;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.review.MalformedReview.Reason;
import dev.countersign.server.admission.review.ReviewRequest.ObjectKind;
import dev.countersign.server.admission.review.ReviewRequest.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads an {@code AdmissionReview}, version v1 alone, one JSON document without repeated names. */
public final class ReviewReader {
    /** Of {@code admission.k8s.io}; v1beta1 ended with Kubernetes 1.22. */
    public static final String API_VERSION = "admission.k8s.io/v1";

    /**
     * 2.5 MiB. An update brings the object twice, and a policy is 1 MB at most; the API server itself
     * takes 3 MiB of a client.
     */
    public static final int MAX_BYTES = 2_621_440;

    private static final int MAX_DEPTH = 200;
    private static final int MAX_UID = 128;
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxStringLength(MAX_BYTES)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private ReviewReader() {}

    /**
     * Reads one.
     *
     * @param bytes at most {@link #MAX_BYTES}: whoever calls has counted
     * @throws MalformedReview when it is not one, or of another version
     */
    public static ReviewRequest read(byte[] bytes) throws MalformedReview {
        JsonNode review = json(bytes);
        String version = review.path("apiVersion").asText("");
        String kind = review.path("kind").asText("");
        if (!version.equals(API_VERSION) || !kind.equals("AdmissionReview")) {
            throw new MalformedReview(
                    Reason.VERSION_UNKNOWN,
                    Shown.of(version + " " + kind)
                            + " (expected: "
                            + API_VERSION
                            + " AdmissionReview)");
        }
        JsonNode request = review.path("request");
        return new ReviewRequest(
                uid(request),
                new ObjectKind(
                        text(request, "kind", "group"),
                        required(request, "kind", "version"),
                        required(request, "kind", "kind")),
                operation(request),
                text(request, "namespace"),
                text(request, "name"),
                text(request, "userInfo", "username"),
                request.path("dryRun").asBoolean(false),
                object(request, "object"),
                object(request, "oldObject"));
    }

    private static JsonNode json(byte[] bytes) throws MalformedReview {
        try {
            JsonNode tree = JSON.readTree(text(bytes));
            if (tree == null || !tree.isObject()) {
                throw new MalformedReview(Reason.NOT_JSON, "body: no JSON object");
            }
            return tree;
        } catch (JsonProcessingException malformed) {
            throw new MalformedReview(
                    Reason.NOT_JSON, "body: " + Shown.of(malformed.getOriginalMessage()));
        }
    }

    /** JSON between systems is UTF-8 (RFC 8259, section 8.1); nothing else is guessed. */
    private static String text(byte[] bytes) throws MalformedReview {
        try {
            // A decoder of its own reports what String's constructor would replace.
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException other) {
            throw new MalformedReview(Reason.NOT_JSON, "body: not UTF-8 (expected: UTF-8)");
        }
    }

    private static String uid(JsonNode request) throws MalformedReview {
        String uid = required(request, "uid");
        if (uid.length() > MAX_UID) {
            throw new MalformedReview(
                    Reason.FIELD_WRONG,
                    "request.uid: " + uid.length() + " characters (expected: <= " + MAX_UID + ")");
        }
        return uid;
    }

    private static Operation operation(JsonNode request) throws MalformedReview {
        String written = required(request, "operation");
        for (Operation known : Operation.values()) {
            if (known.name().equals(written)) {
                return known;
            }
        }
        throw new MalformedReview(
                Reason.FIELD_WRONG,
                "request.operation: "
                        + Shown.of(written)
                        + " (expected: CREATE, UPDATE, DELETE or CONNECT)");
    }

    private static Optional<ObjectNode> object(JsonNode request, String name)
            throws MalformedReview {
        JsonNode node = request.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (node instanceof ObjectNode object) {
            return Optional.of(object);
        }
        throw new MalformedReview(
                Reason.FIELD_WRONG,
                "request." + name + ": " + node.getNodeType() + " (expected: an object)");
    }

    private static String required(JsonNode request, String... path) throws MalformedReview {
        String text = text(request, path);
        if (text.isEmpty()) {
            throw new MalformedReview(
                    Reason.FIELD_MISSING,
                    "request." + String.join(".", path) + ": missing (expected: text)");
        }
        return text;
    }

    private static String text(JsonNode request, String... path) throws MalformedReview {
        JsonNode node = request;
        for (String name : path) {
            node = node.path(name);
        }
        if (!node.isMissingNode() && !node.isNull() && !node.isTextual()) {
            throw new MalformedReview(
                    Reason.FIELD_WRONG,
                    "request."
                            + String.join(".", path)
                            + ": "
                            + node.getNodeType()
                            + " (expected: text)");
        }
        return node.asText("");
    }
}
