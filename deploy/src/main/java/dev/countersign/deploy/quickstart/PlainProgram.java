package dev.countersign.deploy.quickstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * A program as it was before the mesh: plain HTTP in, plain HTTP out, no TLS, no token, no policy.
 *
 * <p>{@code GET /ask/…} asks its upstream for {@code /…} and answers what came back. Everything else
 * is answered by itself. On its second port it echoes bytes, for connections that stay open.
 */
public final class PlainProgram {
    private static final String ASK = "/ask";
    private static final String DENIED = "x-countersign-denied";

    private final String name;
    private final Optional<URI> upstream;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    private PlainProgram(String name, Optional<URI> upstream) {
        this.name = name;
        this.upstream = upstream;
    }

    /** Arguments: name, HTTP port, echo port (0 = none), upstream host:port or "-". */
    public static void main(String[] args) throws IOException {
        Optional<URI> upstream =
                args[3].equals("-")
                        ? Optional.empty()
                        : Optional.of(URI.create("http://" + args[3]));
        PlainProgram program = new PlainProgram(args[0], upstream);
        program.serve(Integer.parseInt(args[1]));
        int echo = Integer.parseInt(args[2]);
        if (echo != 0) {
            program.echo(echo);
        }
    }

    private void serve(int port) throws IOException {
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path.startsWith(ASK) && upstream.isPresent()) {
            ask(exchange, upstream.get(), path.substring(ASK.length()));
        } else {
            String caller = exchange.getRequestHeaders().getFirst("x-countersign-peer");
            reply(
                    exchange,
                    200,
                    name + " " + path + (caller == null ? "" : " for " + caller) + "\n");
        }
    }

    private void ask(HttpExchange exchange, URI target, String path) throws IOException {
        try {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(target.resolve(path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            List<String> denied = response.headers().allValues(DENIED);
            denied.forEach(id -> exchange.getResponseHeaders().add(DENIED, id));
            reply(exchange, response.statusCode(), response.body());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException unreachable) {
            reply(exchange, 502, name + ": upstream: " + unreachable + "\n");
        }
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private void echo(int port) throws IOException {
        try (ServerSocket listener = new ServerSocket(port, 16, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            }
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException closed) {
            // The other side has gone; that is how an echo ends.
        }
    }
}
