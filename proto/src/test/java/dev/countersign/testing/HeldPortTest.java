package dev.countersign.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import org.junit.jupiter.api.Test;

class HeldPortTest {
    @Test
    void nobodyAnswersAndNobodyElseCanTakeIt() {
        try (HeldPort port = HeldPort.open()) {
            assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class);
            assertThatThrownBy(() -> listen(port, false)).isInstanceOf(BindException.class);
        }
    }

    @Test
    void aServerOfTheSameTestMayComeAndGo() throws IOException {
        try (HeldPort port = HeldPort.open()) {
            for (int i = 0; i < 3; i++) {
                try (ServerSocket server = listen(port, true);
                        Socket client = connect(port)) {
                    assertThat(client.isConnected()).isTrue();
                    assertThat(server.getLocalPort()).isEqualTo(port.number());
                }
                assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class);
            }
        }
    }

    private static Socket connect(HeldPort port) throws IOException {
        return new Socket(port.address().getAddress(), port.number());
    }

    private static ServerSocket listen(HeldPort port, boolean shares) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setOption(StandardSocketOptions.SO_REUSEPORT, shares);
        server.bind(port.address());
        return server;
    }
}
