package dev.countersign.server;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.runtime.ConfigReader;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code policies.externalAuthorizers}: the providers that CUSTOM policies may name.
 *
 * <pre>{@code
 * policies:
 *   externalAuthorizers:
 *   - name: opa
 *     type: grpc                              # Envoy's ext_authz v3; or http
 *     address: opa.security:9191
 *     spiffeId: spiffe://example.org/ns/security/sa/opa   # mutual TLS; without: plaintext
 *     timeout: 500ms                          # 1 s
 *     failOpen: false
 *     statusOnError: 403
 *     pathPrefix: /check                      # http only, as the lists of headers
 *     includeRequestHeadersInCheck: [authorization]
 *     headersToUpstreamOnAllow: [x-user]
 *     headersToDownstreamOnAllow: []
 *     headersToDownstreamOnDeny: [www-authenticate]
 * }</pre>
 */
final class ExternalAuthorizerReader {
    private static final String KEY = "policies.externalAuthorizers";

    private final ConfigReader reader;
    private final TrustDomain trustDomain;

    ExternalAuthorizerReader(ConfigReader reader, TrustDomain trustDomain) {
        this.reader = reader;
        this.trustDomain = trustDomain;
    }

    Map<String, ExternalAuthorizer> read() {
        Map<String, ExternalAuthorizer> byName = new HashMap<>();
        for (ExternalAuthorizer one : reader.list(KEY, this::one)) {
            if (byName.put(one.name(), one) != null) {
                reader.problem(KEY, one.name(), "each name once");
            }
        }
        return byName;
    }

    private ExternalAuthorizer one(ConfigReader entry) {
        String name = entry.string("name").required();
        ExternalAuthorizer.Type type =
                entry.enumeration("type", ExternalAuthorizer.Type.class)
                        .orDefault(ExternalAuthorizer.Type.GRPC);
        InetSocketAddress address =
                entry.hostPort("address")
                        .orDefault(InetSocketAddress.createUnresolved("missing", 1));
        if (!entry.has("address")) {
            reader.problem(KEY + ".address", "missing", "host:port");
        }
        if (entry.bool("includeRequestBodyInCheck").orDefault(false)) {
            reader.problem(
                    KEY + ".includeRequestBodyInCheck",
                    "true",
                    "false: a request is decided before its body is read");
        }
        Optional<SpiffeId> peer =
                entry.value(
                                "spiffeId",
                                new SpiffeId(trustDomain, "/missing"),
                                "a SPIFFE ID",
                                SpiffeId::parse)
                        .optional();
        Duration timeout =
                entry.duration("timeout", Duration.ofMillis(1), ExternalAuthorizer.LONGEST_TIMEOUT)
                        .orDefault(ExternalAuthorizer.DEFAULT_TIMEOUT);
        String path =
                entry.string("pathPrefix")
                        .check(text -> text.startsWith("/"), "a path that begins with /")
                        .orDefault("/");
        return new ExternalAuthorizer(
                name,
                type,
                address.getHostString() + ":" + address.getPort(),
                peer.map(SpiffeId::toString).orElse(""),
                Duration.ofMillis(timeout.toMillis()),
                entry.bool("failOpen").orDefault(false),
                (int)
                        (long)
                                entry.integer("statusOnError", 400, 599)
                                        .orDefault((long) ExternalAuthorizer.DEFAULT_STATUS),
                path.equals("/") ? "" : path,
                entry.strings("includeRequestHeadersInCheck"),
                entry.strings("headersToUpstreamOnAllow"),
                entry.strings("headersToDownstreamOnAllow"),
                entry.strings("headersToDownstreamOnDeny"));
    }
}
