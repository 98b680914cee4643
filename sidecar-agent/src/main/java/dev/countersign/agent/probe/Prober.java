package dev.countersign.agent.probe;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;

/** Does one check; holds nothing between two. */
final class Prober {
    private static final int MAX_STATUS_LINE = 1024;

    private final String host;

    Prober(String host) {
        this.host = host;
    }

    /** What is wrong; empty when the application is well. Blocks for the check's timeout at most. */
    Optional<String> failure(Check check) {
        try {
            return switch (check.how()) {
                case Check.How.Tcp tcp -> tcp(check);
                case Check.How.Http http -> http(check, http);
                case Check.How.Grpc grpc ->
                        GrpcHealth.failure(host, check.port(), grpc.service(), check.timeout());
            };
        } catch (IOException | GeneralSecurityException | StatusRuntimeException failed) {
            return Optional.of(String.valueOf(failed.getMessage()));
        }
    }

    private Optional<String> tcp(Check check) throws IOException {
        connect(check).close();
        return Optional.empty();
    }

    private Optional<String> http(Check check, Check.How.Http http)
            throws IOException, GeneralSecurityException {
        long deadline = System.nanoTime() + check.timeout().toNanos();
        try (Socket plain = connect(check);
                Socket socket = http.tls() ? AnyCertificate.over(plain, host) : plain) {
            socket.getOutputStream().write(request(check, http));
            socket.getOutputStream().flush();
            int status = status(socket, deadline);
            return status >= 200 && status < 400
                    ? Optional.empty()
                    : Optional.of("status " + status + " (expected: 200 to 399)");
        }
    }

    private Socket connect(Check check) throws IOException {
        int millis = Math.toIntExact(Math.max(1, check.timeout().toMillis()));
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, check.port()), millis);
            socket.setSoTimeout(millis);
            return socket;
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    private byte[] request(Check check, Check.How.Http http) {
        StringBuilder head = new StringBuilder("GET " + http.target() + " HTTP/1.1\r\n");
        boolean named = false;
        boolean introduced = false;
        for (String header : http.headers()) {
            String name = header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT);
            named |= name.equals("host");
            introduced |= name.equals("user-agent");
            head.append(header).append("\r\n");
        }
        if (!named) {
            String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
            head.append("Host: ").append(name).append(':').append(check.port()).append("\r\n");
        }
        if (!introduced) {
            head.append("User-Agent: countersign-probe\r\n");
        }
        head.append("Accept: */*\r\nConnection: close\r\n\r\n");
        return head.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** One deadline for the whole line: a byte a second would otherwise go on for long. */
    private static int status(Socket socket, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
            if (line.length() > MAX_STATUS_LINE || System.nanoTime() - deadline > 0) {
                throw new IOException("no status line in time");
            }
        }
        String text = line.toString();
        if (!text.startsWith("HTTP/1.") || text.length() < 12) {
            throw new IOException("the answer is not HTTP/1");
        }
        try {
            return Integer.parseInt(text.substring(9, 12));
        } catch (NumberFormatException malformed) {
            throw new IOException("the answer has no status", malformed);
        }
    }
}
