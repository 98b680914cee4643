package dev.countersign.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.countersign.identity.TrustDomain;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustRefused;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private static final JsonFactory JSON = factory();

    private BootstrapFile() {}

    public static String render(Bootstrap bootstrap) {
        StringWriter text = new StringWriter();
        try (JsonGenerator file = JSON.createGenerator(text).useDefaultPrettyPrinter()) {
            file.writeStartObject();
            file.writeStringField("format", FORMAT);
            file.writeStringField("trustDomain", bootstrap.trustDomain().name());
            file.writeNumberField("minimumEpoch", bootstrap.minimumEpoch());
            file.writeArrayFieldStart("roots");
            for (X509Certificate root : bootstrap.roots()) {
                file.writeString(Pem.encode(CERTIFICATE, encoded(root)));
            }
            file.writeEndArray();
            file.writeArrayFieldStart("signingKeys");
            for (PublicKey key : bootstrap.signingKeys()) {
                file.writeString(Pem.encode(PUBLIC_KEY, key.getEncoded()));
            }
            file.writeEndArray();
            file.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // a StringWriter takes everything
        }
        return text + "\n";
    }

    /**
     * @throws TrustRefused BOOTSTRAP_MALFORMED with the field, its value and what was expected; or
     *     the rule that a root breaks
     */
    public static Bootstrap parse(String text) throws TrustRefused {
        if (text.length() > MAX_SIZE || text.getBytes(StandardCharsets.UTF_8).length > MAX_SIZE) {
            throw malformed("file: over " + MAX_SIZE + " bytes (expected: at most that)", null);
        }
        try (JsonParser json = JSON.createParser(text)) {
            return bootstrap(read(json));
        } catch (JsonProcessingException notJson) {
            throw malformed("file: " + notJson.getOriginalMessage() + " (expected: JSON)", notJson);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // a string gives all it has
        } catch (IllegalArgumentException outOfBounds) {
            throw malformed(String.valueOf(outOfBounds.getMessage()), outOfBounds);
        }
    }

    private static Bootstrap bootstrap(Fields file) throws TrustRefused {
        String format = file.text("format");
        if (!FORMAT.equals(format)) {
            throw new IllegalArgumentException(
                    "format: \"" + format + "\" (expected: \"" + FORMAT + "\")");
        }
        TrustDomain trustDomain = TrustDomain.parse(file.text("trustDomain"));
        if (file.minimumEpoch == null) {
            throw new IllegalArgumentException("minimumEpoch: (expected: a whole number >= 0)");
        }
        List<X509Certificate> roots = new ArrayList<>();
        for (String pem : file.list("roots", Bootstrap.MAX_ROOTS)) {
            roots.add(RootCertificates.parse(Pem.decode(CERTIFICATE, pem), trustDomain));
        }
        List<PublicKey> keys = new ArrayList<>();
        for (String pem : file.list("signingKeys", Bootstrap.MAX_SIGNING_KEYS)) {
            keys.add(SigningKeys.parse(Pem.decode(PUBLIC_KEY, pem)));
        }
        return new Bootstrap(trustDomain, file.minimumEpoch, roots, keys);
    }

    /** Token by token: the agent reads one such file, and a tree model costs it megabytes. */
    private static Fields read(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("file: (expected: one JSON object)");
        }
        Fields fields = new Fields();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "format", "trustDomain" -> fields.texts.put(name, string(json, name));
                case "minimumEpoch" -> fields.minimumEpoch = wholeNumber(json, name);
                case "roots", "signingKeys" -> fields.lists.put(name, strings(json, name));
                default ->
                        throw new IllegalArgumentException(
                                "\""
                                        + name
                                        + "\": unknown field (expected: one of "
                                        + FIELDS
                                        + ")");
            }
        }
        if (json.nextToken() != null) {
            throw new IllegalArgumentException(
                    "file: something behind its end (expected: one JSON object)");
        }
        return fields;
    }

    private static String string(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new IllegalArgumentException(field + ": (expected: a string)");
        }
        return json.getText();
    }

    private static long wholeNumber(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new IllegalArgumentException(field + ": (expected: a whole number >= 0)");
        }
        return json.getLongValue();
    }

    private static List<String> strings(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new IllegalArgumentException(field + ": (expected: a list of PEM strings)");
        }
        List<String> strings = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_STRING) {
                throw new IllegalArgumentException(field + ": (expected: PEM strings only)");
            }
            strings.add(json.getText());
        }
        return strings;
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

    private static JsonFactory factory() {
        return JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxNumberLength(20)
                                .build())
                .build();
    }

    /** What was found; asked for, each is required. */
    private static final class Fields {
        final Map<String, String> texts = new HashMap<>();
        final Map<String, List<String>> lists = new HashMap<>();
        @Nullable Long minimumEpoch;

        String text(String field) {
            String text = texts.get(field);
            if (text == null) {
                throw new IllegalArgumentException(field + ": (expected: a string)");
            }
            return text;
        }

        List<String> list(String field, int most) {
            List<String> list = lists.get(field);
            if (list == null || list.size() > most) {
                throw new IllegalArgumentException(
                        field + ": (expected: a list of 1 to " + most + " PEM strings)");
            }
            return list;
        }
    }
}
