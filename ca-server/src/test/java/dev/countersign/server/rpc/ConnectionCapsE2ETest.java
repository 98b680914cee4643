package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.RunningServer;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
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
                assertThat(isTaken(first)).isTrue();
                assertThat(isTaken(second)).isTrue();
                try (Socket third = connect(port)) {
                    assertThat(isTaken(third)).isFalse();
                }
            }
            await().until(() -> {
                try (Socket later = connect(port)) {
                    return isTaken(later);
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
                assertThat(isTaken(first)).isTrue();
                assertThat(isTaken(second)).isFalse();
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** Whether the server shakes hands; a connection that it does not take it closes at once. */
    private static boolean isTaken(Socket socket) throws IOException, GeneralSecurityException {
        socket.setSoTimeout(60_000);
        SSLContext anybody = SSLContext.getInstance("TLSv1.3");
        anybody.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        // Not closed here: the connection is its caller's.
        SSLSocket tls =
                (SSLSocket)
                        anybody.getSocketFactory()
                                .createSocket(socket, "localhost", socket.getPort(), false);
        SSLParameters speaksGrpc = tls.getSSLParameters();
        speaksGrpc.setApplicationProtocols(new String[] {"h2"}); // or the server would hang up
        tls.setSSLParameters(speaksGrpc);
        try {
            tls.startHandshake();
            return true;
        } catch (SocketTimeoutException neither) {
            throw neither;
        } catch (IOException closed) {
            return false;
        }
    }
}
