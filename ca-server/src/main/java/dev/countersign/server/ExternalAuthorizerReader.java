package dev.countersign.server;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.runtime.ConfigReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
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
 *     spiffeId: spiffe://example.org/ns/security/sa/opa   # mutual TLS with exactly this workload
 *     # caFile: roots.pem                     # or TLS with who has the address's name under these
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
        InetSocketAddress address = entry.hostPort("address").required();
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
        Optional<Path> roots = entry.path("caFile").optional();
        if (peer.isPresent() && roots.isPresent()) {
            reader.problem(
                    KEY + ".caFile",
                    roots.get().toString(),
                    "not beside spiffeId: one of them says whom to find there");
        }
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
                peer.isPresent() ? "" : roots.map(this::certificates).orElse(""),
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

    /** Agents get the certificates with the settings: they have no such file. */
    private String certificates(Path file) {
        String problem;
        try {
            String pem = Files.readString(file, StandardCharsets.US_ASCII);
            if (pem.length() <= ExternalAuthorizer.LONGEST_ROOTS && certificatesIn(pem) > 0) {
                return pem;
            }
            problem = "no certificates in it, or over 64 KiB";
        } catch (IOException unreadable) {
            problem = unreadable.toString();
        } catch (CertificateException malformed) {
            problem = "malformed";
        }
        reader.problem(KEY + ".caFile", file + ": " + problem, "PEM certificates");
        return "";
    }

    private static int certificatesIn(String pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .size();
    }
}
