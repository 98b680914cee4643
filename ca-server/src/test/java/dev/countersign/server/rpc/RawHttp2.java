package dev.countersign.server.rpc;

import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.trust.ExpectedPeer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** HTTP/2 frame by frame (RFC 9113), for what no library would send. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int GOAWAY = 7;

    private static final int SETTINGS = 4;
    private static final int CONTINUATION = 9;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int MAX_FRAME = 16_384;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /** A frame that came. */
    record Frame(int type, int stream, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.ISO_8859_1);
        }
    }

    private RawHttp2(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    static RawHttp2 connect(RunningServer server) throws IOException, GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(
                null,
                new TrustManager[] {
                    new ExpectedPeer(
                            server.verifier(), WellKnownIds.caServer(RunningServer.TRUST_DOMAIN))
                },
                null);
        SSLSocket socket =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        InetAddress.getLoopbackAddress(), server.server().port());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.startHandshake();
        RawHttp2 connection = new RawHttp2(socket);
        connection.out.write(
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        connection.frame(SETTINGS, 0, 0, new byte[0]);
        return connection;
    }

    /** The headers of a call, with one more of so many bytes; the call stays open. */
    void call(int stream, String path, int bulk) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x87); // :scheme https
        literal(block, ":path", path);
        literal(block, ":authority", "countersign");
        literal(block, "content-type", "application/grpc");
        literal(block, "te", "trailers");
        literal(block, "bulk", "x".repeat(bulk));
        byte[] bytes = block.toByteArray();
        for (int at = 0; at < bytes.length; at += MAX_FRAME) {
            int end = Math.min(bytes.length, at + MAX_FRAME);
            frame(
                    at == 0 ? HEADERS : CONTINUATION,
                    end == bytes.length ? END_HEADERS : 0,
                    stream,
                    Arrays.copyOfRange(bytes, at, end));
        }
    }

    /** An empty message, and the end of what this side has to say. */
    void emptyMessage(int stream) throws IOException {
        frame(DATA, END_STREAM, stream, new byte[5]);
    }

    /** The next frame about this stream, or one that ends the connection. */
    Frame next(int stream) throws IOException {
        while (true) {
            int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            Frame frame = new Frame(type, in.readInt(), in.readNBytes(length));
            if (type == SETTINGS && (flags & ACK) == 0) {
                frame(SETTINGS, ACK, 0, new byte[0]);
            } else if (type == GOAWAY || (frame.stream() == stream && type != SETTINGS)) {
                return frame;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        byte[] frame = new byte[9 + payload.length];
        frame[0] = (byte) (payload.length >> 16);
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        for (int i = 0; i < 4; i++) {
            frame[5 + i] = (byte) (stream >> (24 - 8 * i));
        }
        System.arraycopy(payload, 0, frame, 9, payload.length);
        out.write(frame);
        out.flush();
    }

    /** Literal header field without indexing, new name, no Huffman (RFC 7541 section 6.2.2). */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        string(block, name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            for (length -= 127; length >= 128; length >>= 7) {
                block.write((length & 127) | 128);
            }
            block.write(length);
        }
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
