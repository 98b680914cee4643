package dev.countersign.deploy.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.Agent;
import dev.countersign.wire.v1.DistrustRootRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.LogEntry;
import dev.countersign.wire.v1.RotationBlocker;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
final class RotationE2ETest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern TO = Pattern.compile("\"to\":\"([A-Z]+)\"");

    @TempDir Path folder;

    @BeforeAll
    static void patient() {
        org.awaitility.Awaitility.setDefaultTimeout(PATIENCE);
    }

    @Test
    void nobodyNoticesARotationAndWhoSleptThroughItComesBackByItself() throws Exception {
        try (LiveMesh mesh = new LiveMesh(folder)) {
            Agent orders = mesh.letsIn("orders", "");
            await().until(() -> mesh.connected().size() == 1);
            Agent web = mesh.calls("web", "web", orders, "orders", "");
            Agent sleeper = mesh.calls("web", "sleeper", orders, "orders", "");
            await().until(() -> Requests.answers(LiveMesh.port(sleeper, "out")));
            await().until(() -> Requests.answers(LiveMesh.port(web, "out")));
            mesh.stop(sleeper);
            String old = mesh.signingRoot();

            Queue<String> refusals = beginTwice(mesh);
            try (Requests requests = new Requests(LiveMesh.port(web, "out"))) {
                await().until(() -> mesh.status().getPhase().equals("STABLE"));
                Agent back = mesh.calls("web", "sleeper", orders, "orders", "");
                await().until(() -> Requests.answers(LiveMesh.port(back, "out")));

                assertThat(requests.failures()).isEmpty();
                assertThat(requests.answered()).isGreaterThan(100);
            }

            assertThat(refusals).singleElement().asString().contains("ROTATION_RUNNING");
            assertThat(mesh.signingRoot()).isNotEqualTo(old);
            assertThat(phases(mesh.log("ROTATION_MOVED")))
                    .containsExactly(
                            "PREPARED",
                            "PREPARED",
                            "DISTRIBUTING",
                            "ACTIVE",
                            "DRAINING",
                            "RETIRING",
                            "STABLE");
            assertThat(mesh.connected())
                    .hasSize(3)
                    .allMatch(agent -> agent.getBundleEpoch() >= mesh.status().getSinceEpoch());
        }
    }

    @Test
    void canariesGoFirstAndNoDataIsNotSuccess() throws Exception {
        try (LiveMesh mesh = new LiveMesh(folder)) {
            Agent orders = mesh.letsIn("orders", "");
            await().until(() -> mesh.connected().size() == 1);
            Agent web = mesh.calls("web", "web", orders, "orders", "");
            await().until(() -> mesh.connected().size() == 2);

            mesh.rotate("namespace=web");
            await().until(() -> mesh.status().getPhase().equals("CANARY"));
            await().until(() ->
                    codes(mesh.status()).equals(List.of("CANARY_NO_DATA", "CANARY_NO_DATA")));
            try (Requests requests = new Requests(LiveMesh.port(web, "out"))) {
                await().until(() -> mesh.status().getPhase().equals("ACTIVE"));

                assertThat(requests.failures()).isEmpty();
            }
            assertThat(phases(mesh.log("ROTATION_MOVED")))
                    .containsExactly("PREPARED", "PREPARED", "DISTRIBUTING", "CANARY", "ACTIVE");
        }
    }

    @Test
    void distrustClosesWhatTheRootVouchedForAndAllComeBackByTheirTokens() throws Exception {
        try (LiveMesh mesh = new LiveMesh(folder);
                ServerSocket application =
                        new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Agent orders = mesh.letsIn("orders", tcpIn(application.getLocalPort()));
            await().until(() -> mesh.connected().size() == 1);
            Agent web =
                    mesh.calls(
                            "web", "web", orders, "orders", tcpOut(LiveMesh.port(orders, "raw")));
            Agent sleeper = mesh.calls("web", "sleeper", orders, "orders", "");
            await().until(() -> Requests.answers(LiveMesh.port(sleeper, "out")));
            await().until(() -> Requests.answers(LiveMesh.port(web, "out")));
            mesh.stop(sleeper);
            String old = mesh.signingRoot();

            try (Socket caller =
                            new Socket(
                                    InetAddress.getLoopbackAddress(),
                                    LiveMesh.port(web, "rawout"));
                    Socket called = application.accept()) {
                caller.getOutputStream().write(1);
                assertThat(called.getInputStream().read()).isEqualTo(1);
                mesh.admin()
                        .distrustRoot(
                                DistrustRootRequest.newBuilder()
                                        .setKeyId(old)
                                        .setReason("key seen elsewhere")
                                        .build());

                assertThat(ends(called)).isTrue();
            }
            await().until(() -> Requests.answers(LiveMesh.port(web, "out")));
            Agent back = mesh.calls("web", "sleeper", orders, "orders", "");
            await().until(() -> Requests.answers(LiveMesh.port(back, "out")));

            assertThat(mesh.signingRoot()).isNotEqualTo(old);
            assertThat(mesh.status().getPhase()).isEqualTo("STABLE");
            assertThat(mesh.log("ROTATION_MOVED").getLast().getBody())
                    .contains("\"to\":\"STABLE\"");
        }
    }

    /** Two operators at once; what the one was told who came second. */
    private static Queue<String> beginTwice(LiveMesh mesh) throws InterruptedException {
        Queue<String> refusals = new ConcurrentLinkedQueue<>();
        Runnable operator =
                () -> {
                    try {
                        mesh.rotate("");
                    } catch (StatusRuntimeException refused) {
                        refusals.add(refused.getStatus() + " " + refused.getTrailers());
                    }
                };
        Thread one = Thread.ofVirtual().start(operator);
        Thread other = Thread.ofVirtual().start(operator);
        one.join();
        other.join();
        return refusals;
    }

    private static String tcpIn(int port) {
        return "    - {name: raw, listen: \"127.0.0.1:0\", target: \"127.0.0.1:"
                + port
                + "\", protocol: tcp}\n";
    }

    private static String tcpOut(int port) {
        return "    - {name: rawout, listen: \"127.0.0.1:0\", target: \"127.0.0.1:"
                + port
                + "\", protocol: tcp, peer: \"spiffe://example.org/ns/shop/sa/orders\"}\n";
    }

    private static boolean ends(Socket socket) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static List<String> codes(GetRotationResponse status) {
        return status.getBlockersList().stream().map(RotationBlocker::getCode).toList();
    }

    private static List<String> phases(List<LogEntry> moves) {
        return moves.stream()
                .map(LogEntry::getBody)
                .map(TO::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .toList();
    }
}
