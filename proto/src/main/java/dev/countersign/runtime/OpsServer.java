package dev.countersign.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Health and metrics over HTTP, on a port of their own, read-only: {@code /healthz/live}, {@code
 * /healthz/ready} (503 with reasons), {@code /metrics}, and what else is registered. Bound to
 * loopback it answers only to loopback names in {@code Host}, so that a web page cannot read it by
 * rebinding a name.
 */
public final class OpsServer implements AutoCloseable {
    private static final String JSON = "application/json";
    private static final int THREADS = 4;
    private static final int WAITING = 64;
    private static final Logger LOG = LoggerFactory.getLogger(OpsServer.class);

    static {
        // Read once by the JDK's server: what a slow or greedy client may take. Set by hand, it
        // stays.
        limit("sun.net.httpserver.maxReqTime", "5");
        limit("sun.net.httpserver.maxRspTime", "30");
        limit("sun.net.httpserver.maxReqHeaders", "64");
        limit("sun.net.httpserver.maxReqHeaderSize", "16384");
        limit("sun.net.httpserver.maxIdleConnections", "16");
        limit("jdk.httpserver.maxConnections", "128");
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final boolean loopback;

    /** Binds; {@link #start} answers. */
    public OpsServer(InetSocketAddress address, Health health, PrometheusMeterRegistry metrics)
            throws IOException {
        this(address, health, metrics::scrape);
    }

    /**
     * Binds; {@link #start} answers.
     *
     * @param metrics the page for Prometheus, in its text format
     */
    public OpsServer(InetSocketAddress address, Health health, Supplier<String> metrics)
            throws IOException {
        InetSocketAddress resolved =
                address.isUnresolved()
                        ? new InetSocketAddress(address.getHostString(), address.getPort())
                        : address;
        this.loopback = resolved.getAddress() != null && resolved.getAddress().isLoopbackAddress();
        this.server = HttpServer.create(resolved, 16);
        // A request too many is refused by the pool, whereupon the server closes its connection.
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        30,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(WAITING),
                        Thread.ofPlatform().daemon().name("ops-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
        server.setExecutor(threads);
        handle("/healthz/live", JSON, () -> "{\"live\":true}\n");
        server.createContext("/healthz/ready", exchange -> ready(exchange, health));
        handle("/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics);
    }

    /** One more read-only page. */
    public void handle(String path, String contentType, Supplier<String> body) {
        server.createContext(
                path,
                exchange -> {
                    if (acceptable(exchange, path)) {
                        page(exchange, contentType, body);
                    }
                });
    }

    /**
     * One more page for probes.
     *
     * @param good 200 while it is true, else 503
     */
    public void probe(String path, BooleanSupplier good) {
        server.createContext(
                path,
                exchange -> {
                    if (acceptable(exchange, path)) {
                        boolean is = good.getAsBoolean();
                        reply(exchange, is ? 200 : 503, JSON, "{\"good\":" + is + "}\n");
                    }
                });
    }

    /** On daemon threads: only the program's own end it. */
    public void start() {
        // The JDK's dispatcher is a daemon exactly if the thread that starts it is.
        Thread starter = Thread.ofPlatform().daemon().name("ops-start").start(server::start);
        try {
            starter.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** A JSON string literal. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (Texts.isControl(c) || Character.isSurrogate(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static void page(HttpExchange exchange, String type, Supplier<String> body)
            throws IOException {
        String text;
        try {
            text = body.get();
        } catch (RuntimeException failed) {
            LOG.atWarn()
                    .addKeyValue("path", exchange.getRequestURI().getPath())
                    .setCause(failed)
                    .log("ops page failed");
            reply(exchange, 500, "text/plain", "failed; see the log\n");
            return;
        }
        reply(exchange, 200, type, text);
    }

    private void ready(HttpExchange exchange, Health health) throws IOException {
        if (!acceptable(exchange, "/healthz/ready")) {
            return;
        }
        Map<String, Health.State> states = health.states();
        boolean ready = states.values().stream().noneMatch(Health.State.Down.class::isInstance);
        StringBuilder body = new StringBuilder("{\"ready\":").append(ready).append(",\"parts\":{");
        String separator = "";
        for (Map.Entry<String, Health.State> part : states.entrySet()) {
            body.append(separator).append(quote(part.getKey())).append(':').append(state(part));
            separator = ",";
        }
        reply(exchange, ready ? 200 : 503, JSON, body.append("}}\n").toString());
    }

    private static String state(Map.Entry<String, Health.State> part) {
        return switch (part.getValue()) {
            case Health.State.Up up -> "{\"state\":\"up\"}";
            case Health.State.Degraded degraded ->
                    "{\"state\":\"degraded\",\"reason\":" + quote(degraded.reason()) + "}";
            case Health.State.Down down ->
                    "{\"state\":\"down\",\"reason\":" + quote(down.reason()) + "}";
        };
    }

    private boolean acceptable(HttpExchange exchange, String path) throws IOException {
        if (!exchange.getRequestURI().getPath().equals(path)) {
            reply(exchange, 404, "text/plain", "not found\n");
            return false;
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            reply(exchange, 405, "text/plain", "read-only: GET or HEAD\n");
            return false;
        }
        if (loopback && !isLoopbackName(exchange.getRequestHeaders().getFirst("Host"))) {
            reply(exchange, 421, "text/plain", "Host: expected a loopback name\n");
            return false;
        }
        return true;
    }

    private static boolean isLoopbackName(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String name = host.replaceFirst(":\\d{1,5}$", "");
        return name.equals("localhost") || name.equals("127.0.0.1") || name.equals("[::1]");
    }

    private static void reply(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!head) {
                out.write(body);
            }
        }
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
