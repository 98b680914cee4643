package dev.countersign.server.authority.upstream.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.authority.upstream.UpstreamRefused.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One HTTP call and its answer, within bounds. */
final class VaultCalls {
    private static final int MAX_ANSWER = 256 * 1024;
    private static final int MAX_TOKEN = 8 * 1024;
    private static final int MAX_SHOWN = 200;
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final VaultSettings settings;
    private final HttpClient client;
    private final Duration timeout;

    VaultCalls(VaultSettings settings, Duration timeout) throws IOException {
        this.settings = settings;
        this.timeout = timeout;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(timeout)
                        .followRedirects(HttpClient.Redirect.NEVER);
        if (settings.caFile().isPresent()) {
            builder.sslContext(trusting(settings.caFile().get()));
        }
        this.client = builder.build();
    }

    static ObjectNode body() {
        return JSON.createObjectNode();
    }

    /** The {@code data} of the answer. */
    JsonNode post(String path, ObjectNode body) throws UpstreamRefused {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(settings.call(path))
                        .timeout(timeout)
                        .header("Content-Type", "application/json")
                        .header("X-Vault-Request", "true")
                        .header("X-Vault-Token", token())
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        settings.namespace().ifPresent(name -> request.header("X-Vault-Namespace", name));
        try {
            HttpResponse<InputStream> answer =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            byte[] bytes;
            try (InputStream in = answer.body()) {
                bytes = in.readNBytes(MAX_ANSWER + 1);
            }
            return data(answer.statusCode(), bytes);
        } catch (HttpTimeoutException slow) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_TOO_SLOW,
                    settings.address() + ": no answer (expected: within " + timeout + ")",
                    slow);
        } catch (IOException unreachable) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_UNREACHABLE,
                    settings.address() + ": " + unreachable + " (expected: an HTTPS server)",
                    unreachable);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new UpstreamRefused(
                    Reason.UPSTREAM_UNREACHABLE, "interrupted (expected: an answer)", stopped);
        }
    }

    private JsonNode data(int status, byte[] bytes) throws UpstreamRefused {
        if (bytes.length > MAX_ANSWER) {
            throw malformed("over " + MAX_ANSWER + " bytes");
        }
        JsonNode document;
        try {
            document = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            document = JSON.missingNode();
        }
        if (status == 200) {
            JsonNode data = document.path("data");
            if (!data.isObject()) {
                throw malformed("no data");
            }
            return data;
        }
        Reason reason =
                switch (status) {
                    case 401, 403 -> Reason.UPSTREAM_FORBIDDEN;
                    case 404 -> Reason.UPSTREAM_NOT_FOUND;
                    case 400, 405, 422 -> Reason.UPSTREAM_REFUSED;
                    case 429, 472, 473, 500, 501, 502, 503, 504 -> Reason.UPSTREAM_UNAVAILABLE;
                    default -> Reason.UPSTREAM_MALFORMED;
                };
        throw new UpstreamRefused(
                reason,
                settings.address() + ": status " + status + errors(document) + " (expected: 200)");
    }

    /** What upstream says of it, made one harmless line. */
    private static String errors(JsonNode document) {
        List<String> said = new ArrayList<>();
        document.path("errors").forEach(error -> said.add(error.asText()));
        String text = String.join("; ", said).replaceAll("[^\\x20-\\x7e]", "?");
        String shown = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
        return shown.isEmpty() ? "" : ", \"" + shown + "\"";
    }

    private UpstreamRefused malformed(String found) {
        return new UpstreamRefused(
                Reason.UPSTREAM_MALFORMED,
                settings.address() + ": " + found + " (expected: the engine's documented answer)");
    }

    private String token() throws UpstreamRefused {
        try {
            byte[] bytes = AtomicFiles.readSecret(settings.tokenFile(), MAX_TOKEN);
            String token =
                    new String(bytes, StandardCharsets.US_ASCII)
                            .lines()
                            .findFirst()
                            .orElse("")
                            .strip();
            if (!token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                return token;
            }
        } catch (IOException unreadable) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_TOKEN, String.valueOf(unreadable.getMessage()), unreadable);
        }
        throw new UpstreamRefused(
                Reason.UPSTREAM_TOKEN,
                settings.tokenFile() + ": no token (expected: its first line)");
    }

    private static SSLContext trusting(Path file) throws IOException {
        try (InputStream pem = Files.newInputStream(file)) {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int count = 0;
            for (Certificate root :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                anchors.setCertificateEntry("root-" + count++, root);
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("upstream.caFile: " + file + ": unusable", e);
        }
    }
}
