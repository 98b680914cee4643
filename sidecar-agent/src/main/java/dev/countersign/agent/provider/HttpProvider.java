package dev.countersign.agent.provider;

import dev.countersign.agent.ca.HttpService;
import dev.countersign.agent.ca.ServiceChannels;
import dev.countersign.agent.ca.ServicePeer;
import dev.countersign.policy.ExternalAuthorizer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Asks by a request of the same method and path without a body: 200 is yes, every other status is no
 * and goes to the caller. As Envoy does, {@code Authorization} is always told.
 */
final class HttpProvider implements Provider {
    private static final int OK = 200;
    private static final int LONGEST_BODY = 4096;

    /** What the client sets itself, or would change the meaning of an empty body. */
    private static final Set<String> NOT_TOLD =
            Set.of(
                    "host",
                    "connection",
                    "content-length",
                    "expect",
                    "upgrade",
                    "transfer-encoding");

    private final ExternalAuthorizer settings;
    private final HttpService service;

    HttpProvider(ExternalAuthorizer settings, ServiceChannels channels) {
        this.settings = settings;
        this.service =
                channels.openHttp(
                        ServicePeer.of(settings.spiffeId(), settings.caCertificates()),
                        settings.timeout());
    }

    @Override
    public CompletableFuture<ProviderVerdict> ask(CheckQuestion question) {
        if (!question.isHttp()) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("question: TCP (expected: HTTP)"));
        }
        CheckQuestion.Http http = question.http();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        service.scheme()
                                                + "://"
                                                + settings.address()
                                                + settings.pathPrefix()
                                                + escaped(http.path())))
                        .timeout(settings.timeout())
                        .method(http.method(), HttpRequest.BodyPublishers.noBody());
        tell(request, "x-forwarded-host", http.host());
        tell(request, "authorization", http.headers().getOrDefault("authorization", ""));
        for (String name : settings.includeRequestHeadersInCheck()) {
            if (!NOT_TOLD.contains(name) && !name.equals("authorization")) {
                tell(request, name, http.headers().getOrDefault(name, ""));
            }
        }
        return service.client()
                .sendAsync(
                        request.build(),
                        info ->
                                HttpResponse.BodySubscribers.limiting(
                                        HttpResponse.BodySubscribers.ofByteArray(), LONGEST_BODY))
                .thenApply(this::verdict);
    }

    @Override
    public void close() {
        service.close();
    }

    private ProviderVerdict verdict(HttpResponse<byte[]> response) {
        if (response.statusCode() == OK) {
            return ProviderVerdict.allow(
                    listed(response, settings.headersToUpstreamOnAllow()), List.of());
        }
        return ProviderVerdict.deny(
                response.statusCode(),
                listed(response, settings.headersToDownstreamOnDeny()),
                new String(response.body(), StandardCharsets.UTF_8));
    }

    private static List<HeaderField> listed(HttpResponse<?> response, List<String> names) {
        List<Map.Entry<String, String>> proposed = new ArrayList<>();
        for (String name : names) {
            response.headers()
                    .firstValue(name)
                    .ifPresent(value -> proposed.add(Map.entry(name, value)));
        }
        return HeaderField.permitted(proposed);
    }

    private static void tell(HttpRequest.Builder request, String name, String value) {
        if (!value.isEmpty()) {
            request.header(name, value);
        }
    }

    /** A target may hold characters that a URI may not. */
    private static String escaped(String path) {
        StringBuilder text = new StringBuilder(path.length());
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b > ' ' && b < 0x7f && "\"<>\\^`{|}".indexOf(b) < 0;
            text.append(plain ? String.valueOf((char) b) : String.format("%%%02X", b & 0xff));
        }
        return text.toString();
    }
}
