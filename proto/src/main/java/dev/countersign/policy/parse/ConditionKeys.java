package dev.countersign.policy.parse;

import dev.countersign.policy.ConditionKey;
import java.util.ArrayList;
import java.util.List;

/** What admission says about the keys of conditions. */
final class ConditionKeys {

    private static final List<String> LEGACY =
            List.of(
                    "destination.labels",
                    "destination.name",
                    "destination.namespace",
                    "destination.user");

    private ConditionKeys() {}

    /** What to write instead of a key that is none. */
    static String expectation(String key) {
        if (LEGACY.stream().anyMatch(old -> key.equals(old) || key.startsWith(old + "["))) {
            return "no destination.labels, .name, .namespace or .user: these were removed; use"
                    + " selector";
        }
        List<String> known = new ArrayList<>();
        for (ConditionKey.Plain plain : ConditionKey.Plain.values()) {
            known.add(plain.key());
        }
        known.add("request.headers[name]");
        known.add("request.auth.claims[name]");
        return Suggestion.of(key, known)
                .map(near -> "did you mean " + near + "?")
                .orElse("one of " + String.join(", ", known));
    }

    /** The field of a source or operation whose rules about values hold for this key as well. */
    static String field(ConditionKey key) {
        return switch (key) {
            case ConditionKey.Plain plain ->
                    switch (plain) {
                        case SOURCE_IP, REMOTE_IP, DESTINATION_IP -> "ipBlocks";
                        case DESTINATION_PORT -> "ports";
                        case SOURCE_SERVICE_ACCOUNT -> "serviceAccounts";
                        case SOURCE_TRUST_DOMAIN -> "trustDomains";
                        case SOURCE_NAMESPACE,
                                SOURCE_PRINCIPAL,
                                REQUEST_PRINCIPAL,
                                REQUEST_AUDIENCES,
                                REQUEST_PRESENTER,
                                CONNECTION_SNI ->
                                "";
                    };
            case ConditionKey.Header header -> "";
            case ConditionKey.TokenClaim claim -> "";
            case ConditionKey.FilterMetadata metadata -> "";
        };
    }
}
