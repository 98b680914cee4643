package dev.countersign.deploy.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A TCP connection that somebody keeps: what a change of policy must reach too. */
final class OpenConnection implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 5_000;

    private final Socket socket;

    OpenConnection(int port) throws IOException {
        this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    /** Whether a byte sent comes back. */
    boolean echoes() {
        try {
            socket.getOutputStream().write('!');
            return socket.getInputStream().read() == '!';
        } catch (IOException closed) {
            return false;
        }
    }

    /** Whether the other side ends it. */
    boolean closesWithin(Duration patience) {
        try {
            socket.setSoTimeout((int) patience.toMillis());
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
