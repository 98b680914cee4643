package dev.countersign.server.federation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.feed.FederatedBundle;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.federation.FederationRefused.Reason;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.TrustRefused;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A SPIFFE bundle document (SPIFFE Trust Domain and Bundle, section 4) as far as X.509 goes.
 *
 * @param roots none: nobody of that domain is to be believed
 * @param sequence empty = it does not count
 * @param refreshHint as it stands there, within bounds
 */
public record BundleDocument(
        List<X509Certificate> roots, Optional<Long> sequence, Optional<Duration> refreshHint) {
    /** Bytes of a document. */
    public static final int MAX_BYTES = 256 * 1024;

    private static final int MAX_KEYS = 256;
    private static final Duration SHORTEST_HINT = Duration.ofSeconds(10);
    private static final Duration LONGEST_HINT = Duration.ofHours(24);
    private static final Set<String> KEY_TYPES = Set.of("EC", "RSA");
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    public BundleDocument {
        roots = List.copyOf(roots);
    }

    /**
     * Reads one, UTF-8.
     *
     * @param trustDomain whose it is to be
     * @throws FederationRefused FEDERATION_TOO_LARGE, FEDERATION_MALFORMED
     */
    public static BundleDocument parse(byte[] document, TrustDomain trustDomain)
            throws FederationRefused {
        if (document.length > MAX_BYTES) {
            throw new FederationRefused(
                    Reason.FEDERATION_TOO_LARGE,
                    trustDomain
                            + ": "
                            + document.length
                            + " bytes (expected: <= "
                            + MAX_BYTES
                            + ")");
        }
        JsonNode root = json(document, trustDomain);
        JsonNode keys = root.path("keys");
        if (!keys.isArray() || keys.size() > MAX_KEYS) {
            throw malformed(
                    trustDomain,
                    keys.isArray() ? keys.size() + " keys" : "no keys",
                    "an array of at most " + MAX_KEYS,
                    null);
        }
        List<X509Certificate> roots = new ArrayList<>();
        for (JsonNode key : keys) {
            root(key, trustDomain).filter(one -> !roots.contains(one)).ifPresent(roots::add);
        }
        if (roots.size() > FederatedBundle.MAX_ROOTS) {
            throw malformed(
                    trustDomain, roots.size() + " roots", "<= " + FederatedBundle.MAX_ROOTS, null);
        }
        return new BundleDocument(roots, sequence(root, trustDomain), hint(root));
    }

    private static JsonNode json(byte[] document, TrustDomain trustDomain)
            throws FederationRefused {
        try {
            JsonNode root = JSON.readTree(document);
            if (root != null && root.isObject()) {
                return root;
            }
        } catch (JsonProcessingException unreadable) {
            throw malformed(
                    trustDomain, unreadable.getOriginalMessage(), "a JSON object", unreadable);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory does not fail", impossible);
        }
        throw malformed(trustDomain, "no object", "a JSON object", null);
    }

    /** Other uses and types of keys are for others; an entry without certificate is ignored. */
    private static Optional<X509Certificate> root(JsonNode key, TrustDomain trustDomain)
            throws FederationRefused {
        JsonNode certificate = key.path("x5c").path(0);
        if (!key.path("use").asText().equals("x509-svid")
                || !KEY_TYPES.contains(key.path("kty").asText())
                || !certificate.isTextual()
                || certificate.asText().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    RootCertificates.parse(
                            Base64.getDecoder().decode(certificate.asText()), trustDomain));
        } catch (IllegalArgumentException notBase64) {
            throw malformed(trustDomain, "x5c: " + notBase64.getMessage(), "base 64", notBase64);
        } catch (TrustRefused refused) {
            throw malformed(
                    trustDomain, "x5c: " + refused.getMessage(), "roots of that domain", refused);
        }
    }

    private static Optional<Long> sequence(JsonNode root, TrustDomain trustDomain)
            throws FederationRefused {
        JsonNode sequence = root.path("spiffe_sequence");
        if (sequence.isMissingNode() || sequence.isNull()) {
            return Optional.empty();
        }
        if (!sequence.canConvertToLong() || !sequence.isIntegralNumber() || sequence.asLong() < 0) {
            throw malformed(trustDomain, "spiffe_sequence", "an integer, >= 0", null);
        }
        return Optional.of(sequence.asLong());
    }

    private static Optional<Duration> hint(JsonNode root) {
        JsonNode hint = root.path("spiffe_refresh_hint");
        if (!hint.isIntegralNumber() || !hint.canConvertToLong()) {
            return Optional.empty();
        }
        long seconds =
                Math.clamp(hint.asLong(), SHORTEST_HINT.toSeconds(), LONGEST_HINT.toSeconds());
        return Optional.of(Duration.ofSeconds(seconds));
    }

    private static FederationRefused malformed(
            TrustDomain trustDomain, String found, String expectation, @Nullable Throwable cause) {
        return new FederationRefused(
                Reason.FEDERATION_MALFORMED,
                trustDomain + ": bundle: " + found + " (expected: " + expectation + ")",
                cause);
    }
}
