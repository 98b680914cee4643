package dev.countersign.agent.probe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pages that the kubelet asks: 200 when the application is well, else 503. On a port and threads of
 * its own: an application that hangs must not make the agent look as if it did.
 */
public final class ProbeServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProbeServer.class);
    private static final int THREADS = 8;
    private static final int WAITING = 16;

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Prober prober;
    private final Map<String, Check> checks = new TreeMap<>();

    private ProbeServer(ProbeSettings settings) throws IOException {
        prober = new Prober(settings.host());
        settings.checks().forEach(check -> checks.put(check.path(), check));
        server = HttpServer.create(settings.listen(), WAITING);
        // A question too many is refused at once; there are never more than there are checks.
        threads =
                new ThreadPoolExecutor(
                        0,
                        THREADS,
                        60,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().name("probe-", 0).factory());
        server.setExecutor(threads);
        server.createContext("/", this::answer);
    }

    /** Binds and answers. */
    public static ProbeServer start(ProbeSettings settings) throws IOException {
        ProbeServer server = new ProbeServer(settings);
        // The JDK's dispatcher is a daemon exactly if the thread that starts it is.
        Thread starter = Thread.ofPlatform().daemon().start(server.server::start);
        try {
            starter.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return server;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        Check check = checks.get(exchange.getRequestURI().getPath());
        if (check == null || !exchange.getRequestMethod().equals("GET")) {
            reply(exchange, 404, "no such check\n");
            return;
        }
        Optional<String> failure = prober.failure(check);
        if (failure.isEmpty()) {
            reply(exchange, 200, "good\n");
            return;
        }
        LOG.atDebug()
                .addKeyValue("check", check.path())
                .addKeyValue("failure", failure.get())
                .log("the application failed a probe");
        reply(exchange, 503, "not good\n");
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
