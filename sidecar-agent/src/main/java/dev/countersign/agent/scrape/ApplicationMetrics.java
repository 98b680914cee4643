package dev.countersign.agent.scrape;

import dev.countersign.agent.scrape.Scraped.Failed;
import dev.countersign.agent.scrape.Scraped.Failure;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks the application for its metrics, over loopback. Thread-safe; costs nothing until asked. */
public final class ApplicationMetrics implements AutoCloseable {
    /** Of the application's page. */
    static final int MAX_BYTES = 2 * 1024 * 1024;

    /** Who waits for an application holds a thread that health needs too. */
    private static final int AT_A_TIME = 2;

    private final ApplicationPage page;
    private final Semaphore asking = new Semaphore(AT_A_TIME);
    private @Nullable HttpClient client;

    public ApplicationMetrics(ApplicationPage page) {
        this.page = page;
    }

    Scraped scrape() {
        if (!asking.tryAcquire()) {
            return new Failed(Failure.BUSY, AT_A_TIME + " scrapes are waiting for it");
        }
        try {
            return ask();
        } finally {
            asking.release();
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }

    private Scraped ask() {
        HttpRequest request =
                HttpRequest.newBuilder(page.uri())
                        .header("accept", "text/plain;version=0.0.4")
                        .timeout(page.timeout())
                        .build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client().sendAsync(
                                request,
                                BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            return read(answer.get(page.timeout().toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException slow) {
            answer.cancel(true);
            return new Failed(
                    Failure.TOO_SLOW,
                    "answer: incomplete (expected: within " + page.timeout() + ")");
        } catch (ExecutionException e) {
            return failed(e.getCause());
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            return new Failed(Failure.UNREACHABLE, "the agent is ending");
        }
    }

    private static Scraped read(HttpResponse<byte[]> answer) {
        if (answer.statusCode() != 200) {
            return new Failed(
                    Failure.STATUS, "status: " + answer.statusCode() + " (expected: 200)");
        }
        String type = answer.headers().firstValue("content-type").orElse("text/plain");
        if (!type.toLowerCase(Locale.ROOT).startsWith("text/plain")) {
            return new Failed(Failure.FORMAT, "content-type: " + type + " (expected: text/plain)");
        }
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(answer.body()))
                            .toString();
            return new Scraped.Page(Exposition.linesOf(text));
        } catch (CharacterCodingException e) {
            return new Failed(Failure.MALFORMED, "bytes: other (expected: UTF-8)");
        } catch (MalformedPage e) {
            return new Failed(Failure.MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private static Failed failed(@Nullable Throwable cause) {
        return switch (cause) {
            case java.net.http.HttpTimeoutException slow ->
                    new Failed(Failure.TOO_SLOW, "answer: none in time");
            case IOException large when isTooLarge(large) ->
                    new Failed(
                            Failure.TOO_LARGE,
                            "page: larger (expected: <= " + MAX_BYTES + " bytes)");
            case null, default -> new Failed(Failure.UNREACHABLE, String.valueOf(cause));
        };
    }

    /** The limiting body handler throws nothing of its own kind, and names its capacity. */
    private static boolean isTooLarge(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            String message = at.getMessage();
            if (message != null && message.contains(Integer.toString(MAX_BYTES))) {
                return true;
            }
        }
        return false;
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .proxy(HttpClient.Builder.NO_PROXY)
                            .connectTimeout(page.timeout())
                            .build();
            client = made;
        }
        return made;
    }
}
