package dev.countersign.agent.admin;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.runtime.OpsServer;
import dev.countersign.trust.TrustBundle;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an admin on the same host may read: configuration, certificates, connections, policies and
 * figures. Nothing here changes anything, and nothing is secret; what callers may not know (policies,
 * peers) is why these pages are for loopback only.
 */
public final class AdminPages {
    private static final String JSON = "application/json";

    /** So that a page is bounded; more is said to be more. */
    private static final int MAX_CONNECTIONS = 10_000;

    private final Sources sources;

    /**
     * Where the facts are; each is asked when a page is.
     *
     * @param configuration what is in force, a line a key, without secrets
     * @param stats figures by name
     */
    public record Sources(
            String configuration,
            Supplier<Optional<HeldSvid>> svid,
            Supplier<TrustBundle> bundle,
            Supplier<List<OpenConnection.State>> connections,
            Supplier<Optional<PolicySource.InForce>> policies,
            Supplier<Map<String, Object>> stats,
            InstantSource clock) {}

    public AdminPages(Sources sources) {
        this.sources = sources;
    }

    /** Adds the pages to a server, which must be on loopback. */
    public void addTo(OpsServer server) {
        server.handle("/config", "text/plain; charset=utf-8", sources::configuration);
        server.handle("/certs", JSON, () -> JsonText.page(certificates()));
        server.handle("/connections", JSON, () -> JsonText.page(connections()));
        server.handle("/policies", JSON, () -> JsonText.page(policies()));
        server.handle("/stats", JSON, () -> JsonText.page(sources.stats().get()));
    }

    private Map<String, Object> certificates() {
        Map<String, Object> page = new LinkedHashMap<>();
        sources.svid()
                .get()
                .ifPresent(held -> {
                    page.put("id", held.svid().id());
                    page.put("generation", held.generation());
                    page.put(
                            "chain",
                            held.svid().chain().stream().map(AdminPages::certificate).toList());
                });
        TrustBundle bundle = sources.bundle().get();
        page.put(
                "bundle",
                JsonText.ordered(
                        "trustDomain", bundle.trustDomain(),
                        "epoch", bundle.epoch(),
                        "issuedAt", bundle.issuedAt(),
                        "expires", bundle.expires(),
                        "roots", bundle.roots().stream().map(AdminPages::certificate).toList()));
        return page;
    }

    private static Map<String, Object> certificate(X509Certificate certificate) {
        return JsonText.ordered(
                "subject", certificate.getSubjectX500Principal().getName(),
                "serial", certificate.getSerialNumber().toString(16),
                "issuer", certificate.getIssuerX500Principal().getName(),
                "notBefore", certificate.getNotBefore().toInstant(),
                "notAfter", certificate.getNotAfter().toInstant(),
                "sha256", sha256(certificate));
    }

    private Map<String, Object> connections() {
        List<OpenConnection.State> open = sources.connections().get();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (OpenConnection.State one : open) {
            if (rows.size() == MAX_CONNECTIONS) {
                break;
            }
            rows.add(connection(one));
        }
        return JsonText.ordered(
                "now", sources.clock().instant(), "open", open.size(), "connections", rows);
    }

    private static Map<String, Object> connection(OpenConnection.State one) {
        Map<String, Object> row =
                JsonText.ordered(
                        "id", one.id(),
                        "direction", one.direction().name().toLowerCase(Locale.ROOT),
                        "listener", one.listener(),
                        "remote", one.remote(),
                        "port", one.targetPort(),
                        "protocol", one.protocol(),
                        "since", one.since(),
                        "requests", one.requests(),
                        "received", one.received(),
                        "sent", one.sent());
        one.peer().ifPresent(peer -> row.put("peer", peer));
        one.serial().ifPresent(serial -> row.put("serial", serial));
        one.issuerKeyId().ifPresent(issuer -> row.put("issuerKeyId", issuer));
        return row;
    }

    private Map<String, Object> policies() {
        Map<String, Object> page = new LinkedHashMap<>();
        sources.policies()
                .get()
                .ifPresent(inForce -> {
                    page.put("revision", inForce.policies().revision());
                    page.put(
                            "workload",
                            inForce.workload().namespace()
                                    + "/"
                                    + inForce.workload().serviceAccount());
                    page.put("defaultAction", inForce.policies().mesh().defaultAction());
                    page.put(
                            "authorization",
                            inForce.policies().applicableTo(inForce.workload()).stream()
                                    .map(AdminPages::policy)
                                    .toList());
                    page.put("mtls", inForce.mtls(0));
                    page.put(
                            "peerAuthentication",
                            inForce.peers().applicableTo(inForce.workload()).stream()
                                    .map(AdminPages::policy)
                                    .toList());
                    page.put(
                            "tokenIssuers",
                            inForce.tokens().stream().map(rule -> (Object) rule.issuer()).toList());
                });
        return page;
    }

    private static Map<String, Object> policy(AuthorizationPolicy policy) {
        return JsonText.ordered(
                "policy", policy.id(),
                "action", policy.action(),
                "mode", policy.mode(),
                "rules", policy.rules().size());
    }

    private static Map<String, Object> policy(PeerAuthentication policy) {
        return JsonText.ordered(
                "policy", policy.namespace() + "/" + policy.name(), "mode", policy.mode());
    }

    private static String sha256(X509Certificate certificate) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("certificate: no fingerprint", e);
        }
    }
}
