package dev.countersign.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.identity.TrustDomain;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustRefused;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Bootstrap} as a file that people can read and compare:
 *
 * <pre>{@code
 * {
 *   "format" : "countersign bootstrap v1",
 *   "trustDomain" : "mesh.example",
 *   "minimumEpoch" : 1,
 *   "roots" : [ "-----BEGIN CERTIFICATE-----\n…" ],
 *   "signingKeys" : [ "-----BEGIN PUBLIC KEY-----\n…" ]
 * }
 * }</pre>
 *
 * It holds no secret; whoever can change it decides whom the agent believes. All five fields are
 * required and no others are known.
 */
public final class BootstrapFile {
    public static final String FORMAT = "countersign bootstrap v1";

    /** Bytes of UTF-8. */
    public static final int MAX_SIZE = 1024 * 1024;

    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final int MAX_DEPTH = 4;
    private static final Set<String> FIELDS =
            Set.of("format", "trustDomain", "minimumEpoch", "roots", "signingKeys");

    private static final JsonMapper MAPPER = mapper();

    private BootstrapFile() {}

    public static String render(Bootstrap bootstrap) {
        ObjectNode file = MAPPER.createObjectNode();
        file.put("format", FORMAT);
        file.put("trustDomain", bootstrap.trustDomain().name());
        file.put("minimumEpoch", bootstrap.minimumEpoch());
        ArrayNode roots = file.putArray("roots");
        bootstrap.roots().forEach(root -> roots.add(Pem.encode(CERTIFICATE, encoded(root))));
        ArrayNode keys = file.putArray("signingKeys");
        bootstrap.signingKeys().forEach(key -> keys.add(Pem.encode(PUBLIC_KEY, key.getEncoded())));
        try {
            return MAPPER.writeValueAsString(file) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree of strings and one number
        }
    }

    /**
     * @throws TrustRefused BOOTSTRAP_MALFORMED with the field, its value and what was expected; or
     *     the rule that a root breaks
     */
    public static Bootstrap parse(String text) throws TrustRefused {
        if (text.length() > MAX_SIZE || text.getBytes(StandardCharsets.UTF_8).length > MAX_SIZE) {
            throw malformed("file: over " + MAX_SIZE + " bytes (expected: at most that)", null);
        }
        try {
            return read(MAPPER.readTree(text));
        } catch (JsonProcessingException notJson) {
            throw malformed("file: " + notJson.getOriginalMessage() + " (expected: JSON)", notJson);
        } catch (IllegalArgumentException outOfBounds) {
            throw malformed(String.valueOf(outOfBounds.getMessage()), outOfBounds);
        }
    }

    private static Bootstrap read(JsonNode file) throws TrustRefused {
        checkFields(file);
        if (!FORMAT.equals(text(file, "format"))) {
            throw new IllegalArgumentException(
                    "format: \"" + text(file, "format") + "\" (expected: \"" + FORMAT + "\")");
        }
        TrustDomain trustDomain = TrustDomain.parse(text(file, "trustDomain"));
        JsonNode epoch = file.path("minimumEpoch");
        if (!epoch.isIntegralNumber() || !epoch.canConvertToLong()) {
            throw new IllegalArgumentException("minimumEpoch: (expected: a whole number >= 0)");
        }
        List<X509Certificate> roots = new ArrayList<>();
        for (String pem : texts(file, "roots", Bootstrap.MAX_ROOTS)) {
            roots.add(RootCertificates.parse(Pem.decode(CERTIFICATE, pem), trustDomain));
        }
        List<PublicKey> keys = new ArrayList<>();
        for (String pem : texts(file, "signingKeys", Bootstrap.MAX_SIGNING_KEYS)) {
            keys.add(SigningKeys.parse(Pem.decode(PUBLIC_KEY, pem)));
        }
        return new Bootstrap(trustDomain, epoch.longValue(), roots, keys);
    }

    private static void checkFields(JsonNode file) {
        if (!file.isObject()) {
            throw new IllegalArgumentException("file: (expected: one JSON object)");
        }
        for (Iterator<String> names = file.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw new IllegalArgumentException(
                        "\"" + name + "\": unknown field (expected: one of " + FIELDS + ")");
            }
        }
    }

    private static String text(JsonNode file, String field) {
        JsonNode value = file.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + ": (expected: a string)");
        }
        return value.textValue();
    }

    private static List<String> texts(JsonNode file, String field, int most) {
        JsonNode values = file.path(field);
        if (!values.isArray() || values.size() > most) {
            throw new IllegalArgumentException(
                    field + ": (expected: a list of 1 to " + most + " PEM strings)");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode value : values) {
            if (!value.isTextual()) {
                throw new IllegalArgumentException(field + ": (expected: PEM strings only)");
            }
            texts.add(value.textValue());
        }
        return texts;
    }

    private static byte[] encoded(X509Certificate root) {
        try {
            return root.getEncoded();
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was parsed from its encoding
        }
    }

    private static TrustRefused malformed(String message, @Nullable Throwable cause) {
        return new TrustRefused(Refusal.BOOTSTRAP_MALFORMED, "bootstrap: " + message, cause);
    }

    private static JsonMapper mapper() {
        JsonMapper mapper =
                JsonMapper.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build();
        mapper.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxNumberLength(20)
                                .build());
        return mapper;
    }
}
