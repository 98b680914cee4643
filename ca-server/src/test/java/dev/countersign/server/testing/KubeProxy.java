package dev.countersign.server.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * Stands in front of an API server with that server's own certificate and does to requests what
 * networks and busy API servers do. One request a connection, so that each can be judged.
 */
public final class KubeProxy implements AutoCloseable {
    private static final int MAX_HEAD = 64 * 1024;

    private final SSLContext tls;
    private final int upstream;
    private final ServerSocket door;
    private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Socket> watches = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Function<String, Optional<Fault>> faults = line -> Optional.empty();
    private volatile boolean away;

    /** What becomes of a request. */
    public sealed interface Fault {}

    /** It is answered here. */
    public record Answer(int status, String headers, String body) implements Fault {}

    /** It is never answered. */
    public record Silence() implements Fault {}

    /** It goes on as another one. */
    public record Instead(String from, String to) implements Fault {}

    public KubeProxy(KubeServer server) throws IOException, GeneralSecurityException {
        this.tls = server.tls();
        this.upstream = server.port();
        this.door = tls.getServerSocketFactory().createServerSocket(0, 50, loopback());
        tasks.execute(this::accept);
    }

    public String url() {
        return "https://127.0.0.1:" + door.getLocalPort();
    }

    /** What to do with a request, by its first line ({@code GET /api/v1/pods?watch=true HTTP/1.1}). */
    public void fault(Function<String, Optional<Fault>> byFirstLine) {
        faults = byFirstLine;
    }

    public void heal() {
        faults = line -> Optional.empty();
        away = false;
    }

    /** Nobody is there: what is open ends, and nothing new is let in. */
    public void cut() {
        away = true;
        open.forEach(KubeProxy::close);
    }

    /** Watches end, as they do from time to time. */
    public void endWatches() {
        watches.forEach(KubeProxy::close);
    }

    /** Requests so far. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        away = true;
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(KubeProxy::close);
        tasks.shutdownNow();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                if (away) {
                    close(client);
                } else {
                    open.add(client);
                    tasks.execute(() -> serve(client));
                }
            } catch (IOException closed) {
                // the loop ends with the door
            }
        }
    }

    private void serve(Socket client) {
        try {
            String head = head(client.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            requests.incrementAndGet();
            String line = head.substring(0, head.indexOf("\r\n"));
            Optional<Fault> fault = faults.apply(line);
            if (fault.isEmpty()) {
                relay(client, head, line.contains("watch=true"));
            } else if (fault.get() instanceof Instead instead) {
                String other = head.replaceFirst(instead.from(), instead.to());
                relay(client, other, line.contains("watch=true"));
            } else {
                suffer(client, fault.get());
            }
        } catch (IOException ended) {
            // by either side
        } finally {
            open.remove(client);
            watches.remove(client);
            close(client);
        }
    }

    private static void suffer(Socket client, Fault fault) throws IOException {
        switch (fault) {
            case Silence silence -> {
                // Until the client gives up.
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
            case Instead instead -> throw new IllegalStateException("relayed");
            case Answer answer -> {
                byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                String head =
                        "HTTP/1.1 %d Fault\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n"
                                .formatted(answer.status(), body.length, answer.headers());
                OutputStream out = client.getOutputStream();
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.flush();
            }
        }
    }

    private void relay(Socket client, String head, boolean watch) throws IOException {
        boolean upgrade = head.toLowerCase(Locale.ROOT).contains("\r\nupgrade: websocket");
        String sent = upgrade ? head : head.replaceFirst("\r\n", "\r\nConnection: close\r\n");
        try (Socket server = tls.getSocketFactory().createSocket(loopback(), upstream)) {
            open.add(server);
            if (watch) {
                watches.add(client);
            }
            server.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            server.getOutputStream().flush();
            tasks.execute(() -> pump(client, server));
            pump(server, client);
            open.remove(server);
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
        } catch (IOException ended) {
            // by either side
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4 && head.size() < MAX_HEAD) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
            boolean expected = b == (matched % 2 == 0 ? '\r' : '\n');
            matched = expected ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }
}
