package dev.countersign.agent.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kubelet's questions, answered by real applications on loopback. */
final class ProbeServerTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final HttpClient kubelet = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    @ParameterizedTest(name = "the application answers {0}, the kubelet hears {1}")
    @CsvSource({"200, 200", "204, 200", "302, 200", "404, 503", "500, 503"})
    void anHttpStatusFrom200To399IsGood(int says, int hears) throws Exception {
        AtomicReference<String> asked = new AtomicReference<>();
        HttpServer application = HttpServer.create(loopback(), 1);
        application.createContext(
                "/",
                exchange -> {
                    asked.set(
                            exchange.getRequestURI()
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("Host")
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("X-Probe"));
                    exchange.sendResponseHeaders(says, -1);
                });
        application.start();
        open.add(() -> application.stop(0));

        int heard =
                ask(
                        application.getAddress().getPort(),
                        new Check.How.Http(
                                "/live?deep=1",
                                false,
                                List.of("Host: web.example", "X-Probe: yes")));

        assertThat(heard).isEqualTo(hears);
        assertThat(asked).hasValue("/live?deep=1 web.example yes");
    }

    @Test
    void anApplicationThatAcceptsIsGoodForTcp() throws Exception {
        ServerSocket application = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        open.add(application);

        assertThat(ask(application.getLocalPort(), new Check.How.Tcp())).isEqualTo(200);

        application.close();
        assertThat(ask(application.getLocalPort(), new Check.How.Tcp())).isEqualTo(503);
    }

    @Test
    void anApplicationThatSaysNothingFailsWithinItsTimeout() throws Exception {
        ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        open.add(silent);
        Check.How http = new Check.How.Http("/", false, List.of());

        assertThat(ask(silent.getLocalPort(), http, Duration.ofMillis(200))).isEqualTo(503);
    }

    @ParameterizedTest(name = "grpc status {0}: {1}")
    @CsvSource({"1, 200", "2, 503"})
    void grpcsHealthServiceIsAskedByService(int status, int hears) throws Exception {
        AtomicReference<String> asked = new AtomicReference<>();
        Server application =
                Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                        .addService(new Health(asked, (byte) status))
                        .build()
                        .start();
        open.add(application::shutdownNow);

        assertThat(ask(application.getPort(), new Check.How.Grpc("orders"))).isEqualTo(hears);
        assertThat(asked).hasValue("\n\u0006orders");
    }

    @Test
    void onlyConfiguredChecksCanBeAsked() throws Exception {
        ProbeServer server =
                ProbeServer.start(new ProbeSettings(loopback(), "127.0.0.1", List.of()));
        open.add(server);

        assertThat(get(server, "/app-health/web/liveness")).isEqualTo(404);
    }

    private int ask(int port, Check.How how) throws Exception {
        return ask(port, how, LONG);
    }

    private int ask(int port, Check.How how, Duration timeout) throws Exception {
        Check check = new Check("/app-health/web/liveness", port, how, timeout);
        ProbeServer server =
                ProbeServer.start(new ProbeSettings(loopback(), "127.0.0.1", List.of(check)));
        open.add(server);
        return get(server, check.path());
    }

    private int get(ProbeServer server, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return kubelet.send(
                        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Answers with one status, and keeps the question's bytes. */
    private record Health(AtomicReference<String> asked, byte status) implements BindableService {
        @Override
        public ServerServiceDefinition bindService() {
            MethodDescriptor<byte[], byte[]> check =
                    MethodDescriptor.<byte[], byte[]>newBuilder(new Raw(), new Raw())
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName("grpc.health.v1.Health/Check")
                            .build();
            return ServerServiceDefinition.builder("grpc.health.v1.Health")
                    .addMethod(
                            check,
                            ServerCalls.asyncUnaryCall((question, answers) -> {
                                asked.set(new String(question, US_ASCII));
                                answers.onNext(new byte[] {8, status});
                                answers.onCompleted();
                            }))
                    .build();
        }
    }

    private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }
}
