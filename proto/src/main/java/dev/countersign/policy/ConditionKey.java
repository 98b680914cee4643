package dev.countersign.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A key of {@code when}, understood. Admission and compilation read keys through this. */
public sealed interface ConditionKey {

    /** Whether the attribute exists only in HTTP. */
    default boolean http() {
        return switch (this) {
            case Plain plain -> plain.http;
            case Header header -> true;
            case TokenClaim claim -> true;
            case FilterMetadata metadata -> false;
        };
    }

    /** Keys without a parameter. */
    enum Plain implements ConditionKey {
        SOURCE_IP("source.ip", false),
        REMOTE_IP("remote.ip", false),
        SOURCE_NAMESPACE("source.namespace", false),
        SOURCE_SERVICE_ACCOUNT("source.serviceAccount", false),
        SOURCE_PRINCIPAL("source.principal", false),
        SOURCE_TRUST_DOMAIN("source.trustDomain", false),
        REQUEST_PRINCIPAL("request.auth.principal", true),
        REQUEST_AUDIENCES("request.auth.audiences", true),
        REQUEST_PRESENTER("request.auth.presenter", true),
        DESTINATION_IP("destination.ip", false),
        DESTINATION_PORT("destination.port", false),
        CONNECTION_SNI("connection.sni", false);

        private final String key;
        private final boolean http;

        Plain(String key, boolean http) {
            this.key = key;
            this.http = http;
        }

        /** As it is written. */
        public String key() {
            return key;
        }
    }

    /**
     * {@code request.headers[name]}
     *
     * @param name in lower case
     */
    record Header(String name) implements ConditionKey {}

    /** {@code request.auth.claims[a][b]…} */
    record TokenClaim(List<String> path) implements ConditionKey {
        public TokenClaim {
            path = List.copyOf(path);
        }
    }

    /** {@code experimental.envoy.filters.<filter>[key]} */
    record FilterMetadata(String filter, String key) implements ConditionKey {}

    /** The key, or empty where it is not one. */
    static Optional<ConditionKey> parse(String key) {
        for (Plain plain : Plain.values()) {
            if (plain.key.equals(key)) {
                return Optional.of(plain);
            }
        }
        int bracket = key.indexOf('[');
        List<String> names = bracket < 0 ? List.of() : bracketed(key, bracket);
        if (names.isEmpty()) {
            return Optional.empty();
        }
        String base = key.substring(0, bracket);
        String filters = "experimental.envoy.filters.";
        if (base.equals("request.headers") && names.size() == 1) {
            return Optional.of(new Header(names.getFirst().toLowerCase(Locale.ROOT)));
        }
        if (base.equals("request.auth.claims")) {
            return Optional.of(new TokenClaim(names));
        }
        return base.startsWith(filters) && base.length() > filters.length() && names.size() == 1
                ? Optional.of(
                        new FilterMetadata(base.substring(filters.length()), names.getFirst()))
                : Optional.empty();
    }

    /** The names in {@code [a][b]}; none if anything else stands there. */
    private static List<String> bracketed(String key, int from) {
        List<String> names = new ArrayList<>();
        int at = from;
        while (at < key.length()) {
            int end = key.indexOf(']', at);
            if (key.charAt(at) != '[' || end <= at + 1) {
                return List.of();
            }
            String name = key.substring(at + 1, end);
            if (name.indexOf('[') >= 0) {
                return List.of();
            }
            names.add(name);
            at = end + 1;
        }
        return names;
    }
}
