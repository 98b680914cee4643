package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.feed.OnPeerCertificateExpiry;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that outlive their peer's certificate, which is good for an hour here. */
final class PeerExpiryTest {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final Duration GRACE = ProxyLimits.defaults().timeout(Timeout.EXPIRY_GRACE);
    private static final Duration NEVER = Duration.ofHours(9);
    private static final Duration AT_ONCE = Duration.ofMillis(20);

    private final HttpBackend web = new HttpBackend();
    private final RawBackend echo = new RawBackend((socket, in, out) -> in.transferTo(out));

    @AfterEach
    void close() throws IOException {
        web.close();
        echo.close();
    }

    @Test
    void keptAreLeftOpenAndCounted() throws Exception {
        try (Mesh mesh = tcp(NEVER);
                Socket client = mesh.dial()) {
            roundTrip(client);
            assertThat(outlived(mesh)).isZero();

            mesh.later(LIFE.plus(LIFE));
            mesh.called.expirePeers();
            mesh.policies.changed();

            roundTrip(client);
            assertThat(outlived(mesh)).isEqualTo(1);
            assertThat(closedByExpiry(mesh)).isZero();
        }
    }

    @Test
    void closedOnesEndByTheEndOfTheCertificateAndNotInItsFirstFourFifths() throws Exception {
        try (Mesh mesh = tcp(NEVER);
                Socket client = mesh.dial()) {
            mesh.onExpiry = OnPeerCertificateExpiry.CLOSE;
            roundTrip(client);

            mesh.later(LIFE.multipliedBy(3).dividedBy(4));
            mesh.called.expirePeers();
            roundTrip(client);
            mesh.later(LIFE.dividedBy(4));
            mesh.called.expirePeers();

            assertThat(ends(client)).isTrue();
            assertThat(closedByExpiry(mesh)).isEqualTo(1);
        }
    }

    @Test
    void theCallersSideClosesTooWhenTheCertificateOfTheCalledEnds() throws Exception {
        try (Mesh mesh = tcp(NEVER);
                Socket client = mesh.dial()) {
            mesh.onExpiry = OnPeerCertificateExpiry.CLOSE;
            roundTrip(client);

            mesh.later(LIFE);
            mesh.caller.expirePeers();

            assertThat(ends(client)).isTrue();
        }
    }

    @Test
    void aDrainedStreamEndsWhenItIsQuiet() throws Exception {
        try (Mesh mesh = tcp(AT_ONCE);
                Socket client = mesh.dial()) {
            mesh.onExpiry = OnPeerCertificateExpiry.DRAIN;
            roundTrip(client);

            mesh.later(LIFE);
            mesh.called.expirePeers();

            assertThat(ends(client)).isTrue();
            assertThat(closedByExpiry(mesh)).as("closed by force").isZero();
        }
    }

    @Test
    void aDrainedStreamThatIsNotQuietEndsAfterTheGrace() throws Exception {
        try (Mesh mesh = tcp(NEVER);
                Socket client = mesh.dial()) {
            mesh.onExpiry = OnPeerCertificateExpiry.DRAIN;
            roundTrip(client);
            mesh.later(LIFE);
            mesh.called.expirePeers();
            mesh.called.expirePeers();
            roundTrip(client);

            mesh.later(GRACE);
            mesh.called.expirePeers();

            assertThat(ends(client)).isTrue();
            assertThat(closedByExpiry(mesh)).isEqualTo(1);
        }
    }

    @Test
    void drainedHttpAnswersWhatWasAskedAndCloses() throws Exception {
        try (Mesh mesh = http();
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            mesh.onExpiry = OnPeerCertificateExpiry.DRAIN;
            client.send("POST /echo HTTP/1.1", "Host: orders", "Content-Length: 4");
            await().until(() -> web.heads().size() == 1);
            mesh.later(LIFE);
            mesh.called.expirePeers();
            client.sendRaw("body");

            assertThat(client.receive().body()).isEqualTo("body");

            await().until(() -> mesh.called.connections().isEmpty());
            assertThat(closedByExpiry(mesh)).isZero();
        }
    }

    @Test
    void anUnusedConnectionToAPeerIsNotUsedAgain() throws Exception {
        try (Mesh mesh = http();
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            mesh.onExpiry = OnPeerCertificateExpiry.DRAIN;
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("ok");
            assertThat(mesh.caller.connections()).hasSize(1);

            mesh.later(LIFE);
            mesh.caller.expirePeers();

            await().until(() -> mesh.caller.connections().isEmpty());
            mesh.rotate();
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("ok");
        }
    }

    private Mesh tcp(Duration quiet) {
        return Mesh.of(
                echo.address(), Protocol.TCP, ProxyLimits.defaults().with(Timeout.QUIET, quiet));
    }

    private Mesh http() {
        return Mesh.of(web.address(), Protocol.HTTP);
    }

    private static double outlived(Mesh mesh) {
        return mesh.calledMeters.get("countersign.agent.connections.outlived").gauge().value();
    }

    private static double closedByExpiry(Mesh mesh) {
        return Mesh.count(mesh.calledMeters, "countersign.agent.connections.closed.by.expiry");
    }

    private static void roundTrip(Socket client) throws IOException {
        client.setSoTimeout(60_000);
        client.getOutputStream().write(RawBackend.ascii("ping"));
        assertThat(new String(client.getInputStream().readNBytes(4), StandardCharsets.US_ASCII))
                .isEqualTo("ping");
    }

    private static boolean ends(Socket client) throws IOException {
        client.setSoTimeout(60_000);
        try {
            return client.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }
}
