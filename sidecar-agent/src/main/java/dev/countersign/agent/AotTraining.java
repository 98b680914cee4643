package dev.countersign.agent;

import ch.qos.logback.classic.Level;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.Logging;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.Map;

/**
 * Starts and ends a whole agent that reaches no CA, so that a JVM that records an AOT cache sees what
 * a start needs. The bootstrap file in the jar is for this alone: nobody has the keys that it names.
 */
final class AotTraining {
    private static final String BOOTSTRAP = "aot-train-bootstrap.json";

    /** Port 1 of loopback: nobody listens there. */
    private static final String CONFIG =
            """
            trustDomain: training.example
            ca: { address: 127.0.0.1:1 }
            bootstrap: { file: bootstrap.json, tokenFile: token }
            state: { directory: state }
            listeners:
              inbound: [ { listen: 127.0.0.1:0, target: 127.0.0.1:1, protocol: http } ]
              outbound: [ { listen: 127.0.0.1:0, target: 127.0.0.1:1, protocol: http,
                            peer: spiffe://training.example/ns/a/sa/b } ]
            ops: { listen: 127.0.0.1:0 }
            proxy: { drain: 1s }
            """;

    private AotTraining() {}

    /** Returns the exit code. */
    static int run() throws Exception {
        Path directory = Files.createTempDirectory("countersign-aot-train");
        try {
            train(directory);
            return CommandLineRunner.OK;
        } finally {
            delete(directory);
        }
    }

    private static void train(Path directory) throws Exception {
        try (InputStream bootstrap = AotTraining.class.getResourceAsStream(BOOTSTRAP)) {
            if (bootstrap == null) {
                throw new IOException(
                        "resource " + BOOTSTRAP + ": not there (expected: in the jar)");
            }
            Files.copy(bootstrap, directory.resolve("bootstrap.json"));
        }
        Files.writeString(directory.resolve("token"), "training.only.token");
        Files.writeString(directory.resolve("agent.yaml"), CONFIG);
        AgentConfig.Loaded loaded = AgentConfig.load(directory.resolve("agent.yaml"), Map.of());
        AgentConfig config = loaded.config();
        Logging.configure(config.logFormat(), Level.INFO);
        InstantSource clock = InstantSource.system();
        try (Agent agent = Agent.start(loaded, clock, clock.instant(), () -> {})) {
            for (String page : new String[] {"/status", "/healthz/ready", "/metrics"}) {
                say(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), agent.opsPort()),
                        "GET "
                                + page
                                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            }
            for (SocketAddress listener : agent.listeners().values()) {
                say((InetSocketAddress) listener, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            agent.drain();
        }
    }

    /** By a bare socket: a client's classes would be in the cache, and in every agent's memory. */
    private static void say(InetSocketAddress to, String text) throws IOException {
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            socket.setSoTimeout(1000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            while (socket.getInputStream().read() >= 0) {} // to the end
        } catch (java.net.SocketException | java.net.SocketTimeoutException refused) {
            return; // without an identity a listener has nothing to say
        }
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path folder, @org.jspecify.annotations.Nullable IOException fault)
                            throws IOException {
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
