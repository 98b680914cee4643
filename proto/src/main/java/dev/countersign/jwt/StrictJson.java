package dev.countersign.jwt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.countersign.policy.match.PrintableText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON objects (RFC 8259) without its traps: a repeated name, anything after the object, invalid
 * UTF-8 and excessive depth or size are refused. Values become String, Long, Double, BigInteger,
 * Boolean, List, Map or {@link #NULL}.
 */
public final class StrictJson {
    /** Stands for JSON's null. */
    public static final Object NULL = new Object();

    /** Claims and headers: what fits a token of 16 KiB and nests like Kubernetes' own. */
    public static final StrictJson TOKEN = new StrictJson(8, 16 * 1024, 2_000);

    /** JWK sets: flat, with long numbers and certificates in them. */
    public static final StrictJson JWKS = new StrictJson(8, 512 * 1024, 50_000);

    private final JsonFactory factory;

    private StrictJson(int maxDepth, int maxLength, long maxTokens) {
        this.factory =
                JsonFactory.builder()
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(maxDepth)
                                        .maxDocumentLength(maxLength)
                                        .maxStringLength(maxLength)
                                        .maxNameLength(256)
                                        .maxNumberLength(24)
                                        .maxTokenCount(maxTokens)
                                        .build())
                        // Names come from strangers: nothing of them is kept between parses.
                        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                        .build();
    }

    /**
     * The object in these bytes.
     *
     * @throws Invalid for anything else, and beyond the limits
     */
    public Map<String, Object> object(byte[] utf8) throws Invalid {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new Invalid("JSON: not UTF-8", false);
        }
        try (JsonParser parser = factory.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Invalid("JSON: not an object", false);
            }
            Map<String, Object> object = readObject(parser);
            if (parser.nextToken() != null) {
                throw new Invalid("JSON: more after the object", false);
            }
            return object;
        } catch (JsonProcessingException e) {
            throw new Invalid("JSON: not well-formed" + where(e.getLocation()), false);
        } catch (IOException e) {
            throw new IllegalStateException(e); // reading a String does no I/O
        }
    }

    private static Map<String, Object> readObject(JsonParser parser) throws IOException, Invalid {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (members.put(name, readValue(parser)) != null) {
                throw new Invalid(
                        "JSON: \"" + PrintableText.excerpt(name, 64) + "\" twice (expected: once)",
                        true);
            }
        }
        return members;
    }

    private static List<Object> readArray(JsonParser parser) throws IOException, Invalid {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(readValue(parser));
        }
        return elements;
    }

    private static Object readValue(JsonParser parser) throws IOException, Invalid {
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> readArray(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT ->
                    parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                            ? parser.getBigIntegerValue()
                            : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NULL;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                    throw new Invalid("JSON: a value is missing", false);
        };
    }

    private static String where(@Nullable JsonLocation location) {
        return location == null // when it is a limit that was broken
                ? ", or beyond the limits"
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** Not such an object. The message holds a place and at most a member's name. */
    public static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;
        private final String message;
        private final boolean duplicate;

        Invalid(String message, boolean duplicate) {
            super(message, null, false, false);
            this.message = message;
            this.duplicate = duplicate;
        }

        @Override
        public String getMessage() {
            return message;
        }

        /** Whether a name stands twice in one object. */
        public boolean isDuplicate() {
            return duplicate;
        }
    }
}
