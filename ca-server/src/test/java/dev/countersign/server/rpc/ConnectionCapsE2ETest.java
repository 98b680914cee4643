package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionCapsE2ETest {
    @TempDir Path folder;

    @Test
    void aConnectionOverTheCapOfItsSourceIsClosedAndRoomComesBackWhenOneEnds() throws Exception {
        try (RunningServer server =
                RunningServer.start(
                        folder, InstantSource.system(), "limits: {perSource: {connections: 2}}")) {
            int port = server.server().port();
            try (Socket first = connect(port);
                    Socket second = connect(port)) {
                assertThat(staysOpen(first)).isTrue();
                assertThat(staysOpen(second)).isTrue();
                try (Socket third = connect(port)) {
                    assertThat(staysOpen(third)).isFalse();
                }
            }
            await().until(() -> {
                try (Socket later = connect(port)) {
                    return staysOpen(later);
                }
            });
        }
    }

    @Test
    void aHandshakeOverTheRateOfItsSourceIsNotBegun() throws Exception {
        try (RunningServer server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "limits: {perSource: {handshakes: {perSecond: 1, burst: 1}}}")) {
            int port = server.server().port();
            try (Socket first = connect(port);
                    Socket second = connect(port)) {
                assertThat(staysOpen(first)).isTrue();
                assertThat(staysOpen(second)).isFalse();
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** The server waits for a ClientHello; one that it did not take it closes at once. */
    private static boolean staysOpen(Socket socket) throws IOException {
        socket.setSoTimeout(300);
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException waiting) {
            return true;
        } catch (IOException reset) {
            return false;
        }
    }
}
