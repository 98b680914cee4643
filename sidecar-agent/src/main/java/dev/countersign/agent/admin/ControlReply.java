package dev.countersign.agent.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The answer to one request; its end is the end of the connection. */
final class ControlReply {
    private static final int OK = 200;

    private final SocketChannel channel;

    ControlReply(SocketChannel channel) {
        this.channel = channel;
    }

    void ok(String body) throws IOException {
        answer(OK, "OK", body);
    }

    void answer(int status, String reason, String body) throws IOException {
        begin(status, reason);
        write(body);
    }

    /** Lines follow. */
    void begin() throws IOException {
        begin(OK, "OK");
    }

    void line(String line) throws IOException {
        write(line + "\n");
    }

    private void begin(int status, String reason) throws IOException {
        write(
                "HTTP/1.1 "
                        + status
                        + " "
                        + reason
                        + "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
