package dev.countersign.deploy.rotation;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** One caller that asks all the time, and what it was told that it should not have been. */
final class Requests implements AutoCloseable {
    private static final long PAUSE_MILLIS = 20;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;
    private final AtomicLong answered = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean running = true;

    /**
     * @param port of an agent's outbound listener
     */
    Requests(int port) {
        this.port = port;
        this.thread = Thread.ofVirtual().start(this::run);
    }

    /** Whether one request, now, is answered. */
    static boolean answers(int port) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return ask(client, port) == 200;
        } catch (IOException | InterruptedException no) {
            return false;
        }
    }

    long answered() {
        return answered.get();
    }

    Queue<String> failures() {
        return failures;
    }

    @Override
    public void close() throws InterruptedException {
        running = false;
        thread.join();
        client.close();
    }

    private void run() {
        while (running) {
            try {
                int status = ask(client, port);
                if (status == 200) {
                    answered.incrementAndGet();
                } else {
                    failures.add("status " + status);
                }
                Thread.sleep(PAUSE_MILLIS);
            } catch (IOException failed) {
                failures.add(failed.toString());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static int ask(HttpClient client, int port) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }
}
