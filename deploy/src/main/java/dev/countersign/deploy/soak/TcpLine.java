package dev.countersign.deploy.soak;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A connection to who sends back what it gets. */
final class TcpLine implements Talker.Line {
    private static final int PATIENCE_MILLIS = 6_000;

    private final Socket socket;

    private TcpLine(Socket socket) {
        this.socket = socket;
    }

    static TcpLine open(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            return new TcpLine(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public byte[] exchange(byte[] said) throws IOException {
        socket.getOutputStream().write(said);
        byte[] heard = socket.getInputStream().readNBytes(said.length);
        if (heard.length < said.length) {
            throw new EOFException(
                    "closed after " + heard.length + " of " + said.length + " bytes");
        }
        return heard;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
