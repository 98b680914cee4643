package dev.countersign.policy;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A configured provider of CUSTOM decisions: Envoy's ext_authz v3 over gRPC, or HTTP.
 *
 * @param name how policies refer to it
 * @param type the protocol it speaks; an HTTP one cannot be asked about TCP connections
 * @param address {@code host:port}; empty: known by name alone, so that it can never be asked
 * @param spiffeId whom mutual TLS must find there; empty: nobody in particular
 * @param caCertificates PEM roots under which TLS must find the address's name, without a certificate
 *     of our own; empty, as spiffeId is: plaintext
 * @param timeout of one question, whole milliseconds, 1 ms to 1 min
 * @param failOpen whether an error counts as yes
 * @param statusOnError HTTP status of a denial by error, 400 to 599
 * @param pathPrefix before the path of an HTTP question; empty or beginning with {@code /}
 * @param includeRequestHeadersInCheck request headers an HTTP provider gets; lower case
 * @param headersToUpstreamOnAllow headers of its yes that the application gets; lower case
 * @param headersToDownstreamOnAllow headers of its yes that the caller gets; lower case
 * @param headersToDownstreamOnDeny headers of its no that the caller gets; lower case
 */
public record ExternalAuthorizer(
        String name,
        Type type,
        String address,
        String spiffeId,
        String caCertificates,
        Duration timeout,
        boolean failOpen,
        int statusOnError,
        String pathPrefix,
        List<String> includeRequestHeadersInCheck,
        List<String> headersToUpstreamOnAllow,
        List<String> headersToDownstreamOnAllow,
        List<String> headersToDownstreamOnDeny) {
    /** Istio's is 600 s, which holds a caller for ever. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

    public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
    public static final int DEFAULT_STATUS = 403;

    /** Of PEM; it goes to every agent. */
    public static final int LONGEST_ROOTS = 65_536;

    public ExternalAuthorizer {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(spiffeId, "spiffeId");
        Objects.requireNonNull(caCertificates, "caCertificates");
        if (!spiffeId.isEmpty() && !caCertificates.isEmpty()) {
            throw new IllegalArgumentException(
                    "spiffeId and caCertificates: both (expected: at most one of them)");
        }
        if (caCertificates.length() > LONGEST_ROOTS) {
            throw new IllegalArgumentException(
                    "caCertificates: "
                            + caCertificates.length()
                            + " characters (expected: <= "
                            + LONGEST_ROOTS
                            + ")");
        }
        boolean whole = timeout.equals(Duration.ofMillis(timeout.toMillis()));
        if (!whole || timeout.toMillis() < 1 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "timeout: " + timeout + " (expected: whole ms, PT0.001S to PT1M)");
        }
        if (statusOnError < 400 || statusOnError > 599) {
            throw new IllegalArgumentException(
                    "statusOnError: " + statusOnError + " (expected: 400 to 599)");
        }
        if (!pathPrefix.isEmpty() && !pathPrefix.startsWith("/")) {
            throw new IllegalArgumentException(
                    "pathPrefix: " + pathPrefix + " (expected: to begin with /)");
        }
        includeRequestHeadersInCheck = lowerCase(includeRequestHeadersInCheck);
        headersToUpstreamOnAllow = lowerCase(headersToUpstreamOnAllow);
        headersToDownstreamOnAllow = lowerCase(headersToDownstreamOnAllow);
        headersToDownstreamOnDeny = lowerCase(headersToDownstreamOnDeny);
    }

    /** One that is known by name and cannot be asked: for tables and tools. */
    public ExternalAuthorizer(String name, Type type) {
        this(
                name,
                type,
                "",
                "",
                "",
                DEFAULT_TIMEOUT,
                false,
                DEFAULT_STATUS,
                "",
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static List<String> lowerCase(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** The protocol of a provider. */
    public enum Type {
        HTTP,
        GRPC
    }
}
