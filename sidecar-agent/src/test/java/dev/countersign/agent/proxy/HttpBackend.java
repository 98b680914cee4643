package dev.countersign.agent.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An application that answers by path: {@code /echo} with the request's body, {@code /chunked} in
 * chunks with a trailer, {@code /bytes/N} with N bytes, {@code /until-close} and so on; keeps every head it was sent.
 */
final class HttpBackend implements AutoCloseable {
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final RawBackend sockets;

    HttpBackend() {
        sockets = new RawBackend(this::serve);
    }

    HttpBackend(java.net.InetSocketAddress listen) {
        sockets = new RawBackend(listen, this::serve);
    }

    java.net.InetSocketAddress address() {
        return sockets.address();
    }

    /** Heads as they arrived. */
    List<String> heads() {
        return heads;
    }

    int connections() {
        return sockets.accepted();
    }

    @Override
    public void close() throws IOException {
        sockets.close();
    }

    private void serve(Socket socket, InputStream in, OutputStream out) throws IOException {
        while (true) {
            String head = RawBackend.readHead(in);
            if (head.isEmpty()) {
                return;
            }
            heads.add(head);
            if (!answer(head.split(" ", 3)[1], head, in, out)) {
                return;
            }
        }
    }

    private static boolean answer(String path, String head, InputStream in, OutputStream out)
            throws IOException {
        if (head.startsWith("CONNECT ")) {
            return connect(path, in, out);
        }
        if (path.startsWith("/bytes/")) {
            int length = Integer.parseInt(path.substring("/bytes/".length()));
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
            out.write(new byte[length]);
            return true;
        }
        switch (path.replaceAll("\\?.*", "")) {
            case "/echo" -> {
                byte[] body = body(head, in);
                write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
                out.write(body);
            }
            case "/chunked" ->
                    write(
                            out,
                            lines(
                                    "HTTP/1.1 200 OK",
                                    "Transfer-Encoding: chunked",
                                    "Trailer: X-Sum",
                                    "",
                                    "5",
                                    "hello",
                                    "6;x=y",
                                    " world",
                                    "0",
                                    "X-Sum: 11",
                                    ""));
            case "/until-close" -> {
                write(out, "HTTP/1.1 200 OK\r\n\r\nall of it");
                return false;
            }
            case "/cut-short" -> {
                write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it");
                return false;
            }
            case "/no-content" -> write(out, "HTTP/1.1 204 No Content\r\n\r\n");
            case "/not-modified" ->
                    write(out, "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n");
            case "/head" -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
            case "/hints" ->
                    write(
                            out,
                            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            case "/continue" -> {
                write(out, "HTTP/1.1 100 Continue\r\n\r\n");
                byte[] body = body(head, in);
                write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
                out.write(body);
            }
            case "/pretender" ->
                    write(
                            out,
                            "HTTP/1.1 200 OK\r\nX-Countersign-Denied: me\r\n",
                            "Content-Length: 0\r\n\r\n");
            case "/close-after" -> {
                write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                return false;
            }
            case "/two-answers" ->
                    write(
                            out,
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npoison");
            case "/bad-length" ->
                    write(
                            out,
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
            case "/bad-both" ->
                    write(
                            out,
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n",
                            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            case "/bad-line" -> write(out, "HTTP/1.1 2000 OK\r\n\r\n");
            case "/bad-fold" -> write(out, "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n");
            case "/bad-lf" -> write(out, "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
            case "/upgrade" -> {
                write(
                        out,
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n",
                        "Upgrade: websocket\r\n\r\nfirst words;");
                in.transferTo(out);
                return false;
            }
            default -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
        return true;
    }

    /** {@code echo:443} is a tunnel; the others answer what is none. */
    private static boolean connect(String target, InputStream in, OutputStream out)
            throws IOException {
        switch (target) {
            case "echo:443" -> {
                write(out, "HTTP/1.1 200 Connection established\r\n\r\n", "first words;");
                in.transferTo(out);
                return false;
            }
            case "refused:443" ->
                    write(out, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 2\r\n\r\nno");
            case "empty:443" -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            case "chunked:443" ->
                    write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            case "no-content:443" -> write(out, "HTTP/1.1 204 No Content\r\n\r\n");
            case "switched:443" ->
                    write(
                            out,
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n",
                            "Upgrade: websocket\r\n\r\n");
            default -> throw new IOException("target: " + target + " (expected: one of the above)");
        }
        return true;
    }

    private static byte[] body(String head, InputStream in) throws IOException {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("content-length: ");
        if (at >= 0) {
            return in.readNBytes(
                    Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at))));
        }
        if (lower.contains("transfer-encoding: chunked")) {
            StringBuilder raw = new StringBuilder();
            while (raw.length() < 5 || raw.lastIndexOf("0\r\n\r\n") != raw.length() - 5) {
                raw.append((char) in.read());
            }
            return raw.toString().getBytes(StandardCharsets.ISO_8859_1);
        }
        return new byte[0];
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    private static void write(OutputStream out, String... parts) throws IOException {
        out.write(RawBackend.ascii(String.join("", parts)));
    }
}
