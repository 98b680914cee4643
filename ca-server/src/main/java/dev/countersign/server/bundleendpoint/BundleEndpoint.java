package dev.countersign.server.bundleendpoint;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS port for outsiders, on the JDK's own server as health and metrics are, with the same
 * limits on what a slow or greedy client may take. Read-only.
 */
public final class BundleEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BundleEndpoint.class);
    private static final String BEARER = "Bearer ";
    private static final int THREADS = 4;
    private static final int WAITING = 64;
    private static final int BACKLOG = 64;

    private final HttpsServer server;
    private final ExecutorService threads;

    /**
     * Opens the port.
     *
     * @param tls asks for the certificate at every handshake
     * @param pages what is answered
     * @throws IOException when it cannot be bound
     */
    public BundleEndpoint(InetSocketAddress listen, SSLContext tls, Pages pages)
            throws IOException {
        server = HttpsServer.create(listen, BACKLOG);
        server.setHttpsConfigurator(new Outsiders(tls));
        // A request too many is refused by the pool, whereupon the server closes its connection.
        threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        30,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(WAITING),
                        Thread.ofPlatform().daemon().name("bundle-endpoint-", 0).factory());
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, pages));
        server.start();
        LOG.atInfo().addKeyValue("port", port()).log("bundle endpoint listens");
    }

    /** The port that was bound. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** What there is to read; called for every request, so it answers from memory. */
    public interface Pages {
        /** The SPIFFE bundle document. */
        Document bundle();

        /** The same roots as PEM certificates. */
        Document roots();

        /**
         * A registered verifier has shown its token and gets the bundle of this epoch.
         *
         * @return whether it is the token of one
         */
        boolean fetched(String token, long epoch);

        /** DER; empty when no list can be signed now. */
        byte[] revocations();
    }

    /**
     * What is read.
     *
     * @param epoch of the bundle that it was made of
     */
    public record Document(byte[] content, long epoch) {}

    private static void answer(HttpExchange exchange, Pages pages) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("allow", "GET, HEAD");
                exchange.sendResponseHeaders(HttpURLConnection.HTTP_BAD_METHOD, -1);
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/", "/bundle.json" ->
                        give(exchange, "application/json", pages.bundle(), pages);
                case "/roots.pem" -> give(exchange, "application/x-pem-file", pages.roots(), pages);
                case "/crl" -> send(exchange, "application/pkix-crl", pages.revocations());
                default -> exchange.sendResponseHeaders(HttpURLConnection.HTTP_NOT_FOUND, -1);
            }
        }
    }

    /** A token is not needed; who shows one is known by it, and a wrong one is said. */
    private static void give(HttpExchange exchange, String type, Document document, Pages pages)
            throws IOException {
        String shown = exchange.getRequestHeaders().getFirst("authorization");
        if (shown == null) {
            send(exchange, type, document.content());
            return;
        }
        String token = shown.startsWith(BEARER) ? shown.substring(BEARER.length()).strip() : "";
        boolean known;
        try {
            known = pages.fetched(token, document.epoch());
        } catch (RuntimeException unrecorded) {
            LOG.atWarn().addKeyValue("reason", unrecorded.toString()).log("fetch not recorded");
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_UNAVAILABLE, -1);
            return;
        }
        if (known) {
            send(exchange, type, document.content());
        } else {
            exchange.getResponseHeaders().set("www-authenticate", "Bearer");
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_UNAUTHORIZED, -1);
        }
    }

    private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        if (body.length == 0) {
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_UNAVAILABLE, -1);
            return;
        }
        Headers headers = exchange.getResponseHeaders();
        headers.set("content-type", type);
        headers.set("cache-control", "public, max-age=60");
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("content-length", Integer.toString(body.length));
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, -1);
            return;
        }
        exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, body.length);
        exchange.getResponseBody().write(body);
    }

    /** No client certificate is asked for (SPIFFE Federation, section 5.1). */
    private static final class Outsiders extends HttpsConfigurator {
        private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

        Outsiders(SSLContext tls) {
            super(tls);
        }

        @Override
        public void configure(HttpsParameters parameters) {
            SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
            ssl.setProtocols(PROTOCOLS);
            parameters.setSSLParameters(ssl);
        }
    }
}
