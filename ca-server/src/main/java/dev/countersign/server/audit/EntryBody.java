package dev.countersign.server.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.Optional;

/**
 * The content of a log entry: canonical JSON, written once, hashed and stored as it is. Everything
 * the ledger tells about a certificate is read back from here, so there is no second copy to
 * disagree.
 *
 * @param type {@link #INTENT}, {@link #ISSUED}, {@link #FAILED} or the name of an event type
 * @param identity who it is about; empty when unknown
 * @param json the body, ASCII
 * @param hash {@link HashChain#entryHash} of the body
 */
public record EntryBody(String type, String identity, String json, byte[] hash) {
    public static final String INTENT = "INTENT";
    public static final String ISSUED = "ISSUED";
    public static final String FAILED = "FAILED";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MAX_FACTS = 32;
    private static final int MAX_TEXT = 1024;

    public static EntryBody of(IssuanceIntent intent) {
        String identity = intent.id().toString();
        CanonicalJson json =
                new CanonicalJson(768)
                        .put("accountUid", intent.accountUid())
                        .put("at", intent.at().toString())
                        .put("identity", identity)
                        .put("issuer", intent.issuerKeyId());
        intent.lastTokenAt().ifPresent(at -> json.put("lastTokenAt", at.toString()));
        intent.nodeName().ifPresent(node -> json.put("node", node));
        json.put("notAfter", intent.notAfter().toString())
                .put("notBefore", intent.notBefore().toString())
                .put("pod", intent.podName())
                .put("podUid", intent.podUid())
                .put("publicKey", intent.publicKeyHash())
                .put("serial", intent.serial())
                .put("tbs", intent.tbsHash())
                .put("token", intent.tokenFingerprint())
                .put("type", INTENT);
        return hashed(INTENT, identity, json);
    }

    /** What became of an intent: a certificate with this lower-case hex SHA-256. */
    public static EntryBody issued(IssuanceIntent intent, String certificateHash, Instant at) {
        String identity = intent.id().toString();
        CanonicalJson json =
                new CanonicalJson(384)
                        .put("at", at.toString())
                        .put("certificate", certificateHash)
                        .put("identity", identity)
                        .put("issuer", intent.issuerKeyId())
                        .put("serial", intent.serial())
                        .put("type", ISSUED);
        return hashed(ISSUED, identity, json);
    }

    /** What became of an intent: nothing was handed out. */
    public static EntryBody failed(IssuanceIntent intent, String reason, Instant at) {
        String identity = intent.id().toString();
        CanonicalJson json =
                new CanonicalJson(384)
                        .put("at", at.toString())
                        .put("identity", identity)
                        .put("issuer", intent.issuerKeyId())
                        .put("reason", limited(reason))
                        .put("serial", intent.serial())
                        .put("type", FAILED);
        return hashed(FAILED, identity, json);
    }

    public static EntryBody of(AuditEvent event) {
        CanonicalJson facts = new CanonicalJson(256);
        event.facts().entrySet().stream()
                .limit(MAX_FACTS)
                .forEach(fact -> facts.put(limited(fact.getKey()), limited(fact.getValue())));
        String identity = limited(event.identity());
        CanonicalJson json =
                new CanonicalJson(384)
                        .put("at", event.at().toString())
                        .put("facts", facts)
                        .put("identity", identity)
                        .put("type", event.type().name());
        return hashed(event.type().name(), identity, json);
    }

    /**
     * Reads a stored body.
     *
     * @throws IllegalArgumentException when it is not a JSON object
     */
    public static Parsed parse(String json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (!node.isObject()) {
                throw new IllegalArgumentException("log entry body: not a JSON object");
            }
            return new Parsed(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("log entry body: not JSON", e);
        }
    }

    private static EntryBody hashed(String type, String identity, CanonicalJson json) {
        String text = json.end();
        return new EntryBody(type, identity, text, HashChain.entryHash(text));
    }

    private static String limited(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    /** A body read back. */
    public static final class Parsed {
        private final JsonNode node;

        private Parsed(JsonNode node) {
            this.node = node;
        }

        /** A member as text; empty when there is none. */
        public String text(String key) {
            return node.path(key).asText("");
        }

        /** A fact of an event; empty when there is none. */
        public String fact(String key) {
            return node.path("facts").path(key).asText("");
        }

        public Instant at() {
            return Instant.parse(text("at"));
        }

        /**
         * The intent this entry records.
         *
         * @throws IllegalArgumentException or a date or identity exception when it is none
         */
        public IssuanceIntent intent() {
            if (!text("type").equals(INTENT)) {
                throw new IllegalArgumentException(
                        "log entry: " + text("type") + " (expected: " + INTENT + ")");
            }
            return new IssuanceIntent(
                    text("issuer"),
                    text("serial"),
                    SpiffeId.parse(text("identity")),
                    text("pod"),
                    text("podUid"),
                    Optional.ofNullable(node.get("node")).map(JsonNode::asText),
                    text("publicKey"),
                    text("tbs"),
                    Instant.parse(text("notBefore")),
                    Instant.parse(text("notAfter")),
                    at(),
                    text("token"),
                    text("accountUid"),
                    Optional.ofNullable(node.get("lastTokenAt"))
                            .map(at -> Instant.parse(at.asText())));
        }
    }
}
