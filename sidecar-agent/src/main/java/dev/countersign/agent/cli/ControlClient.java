package dev.countersign.agent.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Predicate;

/** Asks an agent on its control socket. */
final class ControlClient {
    private static final String OK = "HTTP/1.1 200 ";

    private final Path socket;

    ControlClient(Path socket) {
        this.socket = socket;
    }

    /**
     * Sends a request and hands on the lines of its answer.
     *
     * @param request method and target
     * @param more whether another line is wanted
     * @throws IOException when nobody answers, or with the words of a refusal
     */
    void ask(String request, Predicate<String> more) throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(
                    ByteBuffer.wrap(
                            (request + " HTTP/1.1\r\nHost: agent\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8)));
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    Channels.newInputStream(channel), StandardCharsets.UTF_8));
            String status = in.readLine();
            if (status == null) {
                throw new IOException(
                        "control socket "
                                + socket
                                + ": refused (expected: the agent's own user, or root)");
            }
            String field = in.readLine();
            while (field != null && !field.isEmpty()) {
                field = in.readLine();
            }
            if (!status.startsWith(OK)) {
                throw new IOException(
                        AgentPages.JSON.readTree(in.readLine()).path("error").asText());
            }
            String line = in.readLine();
            while (line != null && more.test(line)) {
                line = in.readLine();
            }
        }
    }

    private SocketChannel connect() throws IOException {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new IOException(
                    "no agent answers at "
                            + socket
                            + ": "
                            + e.getMessage()
                            + " (another socket: --control PATH; the agent has one when it has"
                            + " state.directory or control.socket)",
                    e);
        }
    }
}
