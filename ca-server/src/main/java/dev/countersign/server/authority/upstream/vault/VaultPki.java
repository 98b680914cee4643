package dev.countersign.server.authority.upstream.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.authority.ceremony.ImportedChain;
import dev.countersign.server.authority.ceremony.PemCertificates;
import dev.countersign.server.authority.upstream.UpstreamAuthority;
import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.authority.upstream.UpstreamRefused.Reason;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** The PKI engine of Vault or OpenBao as the authority above ours. Thread-safe. */
public final class VaultPki implements UpstreamAuthority {
    private static final Duration WHOLE_CALL = Duration.ofSeconds(10);

    private final VaultCalls calls;
    private final List<X509Certificate> known;

    /**
     * @param known roots to complete a chain with: the engine leaves the root out where it is not its
     *     own
     * @throws IOException when the roots to trust cannot be read
     */
    public VaultPki(VaultSettings settings, List<X509Certificate> known) throws IOException {
        this(settings, known, WHOLE_CALL);
    }

    VaultPki(VaultSettings settings, List<X509Certificate> known, Duration timeout)
            throws IOException {
        this.calls = new VaultCalls(settings, timeout);
        this.known = List.copyOf(known);
    }

    @Override
    public ImportedChain sign(
            byte[] request,
            String commonName,
            TrustDomain trustDomain,
            int pathLength,
            Duration life)
            throws UpstreamRefused {
        ObjectNode body =
                VaultCalls.body()
                        .put("csr", pem(request))
                        .put("common_name", commonName)
                        .put("exclude_cn_from_sans", true)
                        .put("uri_sans", trustDomain.id())
                        .put("max_path_length", pathLength)
                        .put("use_csr_values", false)
                        .put("format", "pem")
                        .put("ttl", life.toSeconds() + "s");
        return chain(calls.post("root/sign-intermediate", body));
    }

    /**
     * A certificate and key that the engine makes, by one of its roles.
     *
     * @param chain leaf first
     * @param privateKeyPem PKCS#8: a secret
     */
    public record Issued(ImportedChain chain, String privateKeyPem) {
        @Override
        public String toString() {
            return "Issued[hidden]";
        }
    }

    /** Has the engine make a key and certify it for an identity. */
    public Issued issue(String role, SpiffeId id, Duration life) throws UpstreamRefused {
        if (!role.matches("[A-Za-z0-9_-]{1,128}")) {
            throw new IllegalArgumentException(
                    "role: "
                            + role.length()
                            + " characters (expected: 1 to 128 of A-Z a-z 0-9 _ -)");
        }
        ObjectNode body =
                VaultCalls.body()
                        .put("uri_sans", id.toString())
                        .put("exclude_cn_from_sans", true)
                        .put("format", "pem")
                        .put("private_key_format", "pkcs8")
                        .put("ttl", life.toSeconds() + "s");
        JsonNode data = calls.post("issue/" + role, body);
        return new Issued(chain(data), text(data, "private_key"));
    }

    /**
     * {@code ca_chain} is from the nearest upwards, in newer engines beginning with the certificate
     * itself; old ones give {@code issuing_ca} only.
     */
    private ImportedChain chain(JsonNode data) throws UpstreamRefused {
        StringBuilder pem = new StringBuilder(text(data, "certificate")).append('\n');
        JsonNode above = data.path("ca_chain");
        if (above.isArray() && !above.isEmpty()) {
            above.forEach(one -> pem.append(one.asText()).append('\n'));
        } else {
            pem.append(text(data, "issuing_ca")).append('\n');
        }
        try {
            return ImportedChain.completed(
                    PemCertificates.read(pem.toString()).stream().distinct().toList(), known);
        } catch (ImportRefused refused) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_MALFORMED, String.valueOf(refused.getMessage()), refused);
        }
    }

    private static String text(JsonNode data, String field) throws UpstreamRefused {
        JsonNode value = data.path(field);
        if (!value.isTextual() || value.asText().isBlank()) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_MALFORMED,
                    "answer: no " + field + " (expected: the engine's documented answer)");
        }
        return value.asText();
    }

    private static String pem(byte[] request) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(request)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }
}
