package dev.countersign.deploy.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Plain HTTP, as a program of the user's would speak it. */
public final class Exchange {
    private static final Duration TIMEOUT = Duration.ofSeconds(6);

    /** What came back; status 0: nothing did. */
    public record Answer(int status, String body, Optional<String> deniedId) {}

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    public Answer get(int port, String path) {
        try {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .timeout(TIMEOUT)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.body(),
                    response.headers().firstValue("x-countersign-denied"));
        } catch (IOException nothing) {
            return new Answer(0, String.valueOf(nothing.getMessage()), Optional.empty());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Answer(0, "interrupted", Optional.empty());
        }
    }
}
