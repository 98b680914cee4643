package dev.countersign.agent.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Speaks HTTP/1.1 byte by byte: sends what it is told, reads one response at a time. */
final class HttpClientSocket implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    HttpClientSocket(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(60_000);
        in = socket.getInputStream();
    }

    void send(String... lines) throws IOException {
        sendRaw(String.join("\r\n", lines) + "\r\n\r\n");
    }

    void sendRaw(String text) throws IOException {
        socket.getOutputStream().write(RawBackend.ascii(text));
    }

    /** A response with its body, which must be framed by length or in chunks. */
    Response receive(boolean toHead) throws IOException {
        String head = RawBackend.readHead(in);
        if (toHead || head.isEmpty() || head.startsWith("HTTP/1.1 1")) {
            return new Response(head, "");
        }
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("transfer-encoding: chunked")) {
            return new Response(head, readChunks());
        }
        int at = lower.indexOf("content-length: ");
        if (at < 0) {
            return new Response(head, "");
        }
        int length = Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at)).trim());
        return new Response(head, new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
    }

    Response receive() throws IOException {
        return receive(false);
    }

    /** Whatever comes until the other side ends. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    InputStream in() {
        return in;
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String readChunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(readLine(), 16);
            if (size == 0) {
                String line = readLine();
                while (!line.isEmpty()) {
                    body.writeBytes(RawBackend.ascii("[" + line + "]"));
                    line = readLine();
                }
                return body.toString(StandardCharsets.ISO_8859_1);
            }
            body.writeBytes(in.readNBytes(size));
            readLine();
        }
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("ended in a line");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /**
     * @param head status line and fields, as received
     * @param body without framing; trailers follow in brackets
     */
    record Response(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }
    }
}
