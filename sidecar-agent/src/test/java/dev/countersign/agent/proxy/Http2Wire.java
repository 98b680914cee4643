package dev.countersign.agent.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Speaks HTTP/2 frame by frame, either end: sends what it is told, however wrong, and reads one frame
 * at a time. Not for two threads that write.
 */
final class Http2Wire implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersEncoder encoder =
            new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, true);
    private final DefaultHttp2HeadersDecoder decoder =
            new DefaultHttp2HeadersDecoder(false, 1 << 20);

    Http2Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** A client that has said its preface and settings. */
    static Http2Wire client(Socket socket) throws IOException {
        Http2Wire wire = new Http2Wire(socket);
        wire.out.write(PREFACE);
        wire.send(SETTINGS, 0, 0, new byte[0]);
        return wire;
    }

    Socket socket() {
        return socket;
    }

    DataInputStream in() {
        return in;
    }

    synchronized void send(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        out.write(frame.array());
    }

    void headers(int stream, boolean end, String... namesAndValues) throws IOException {
        send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(stream, namesAndValues));
    }

    void request(int stream, boolean end, String method, String path, String... more)
            throws IOException {
        String[] all = new String[8 + more.length];
        System.arraycopy(
                new String[] {
                    ":method", method, ":scheme", "http", ":authority", "orders", ":path", path
                },
                0,
                all,
                0,
                8);
        System.arraycopy(more, 0, all, 8, more.length);
        headers(stream, end, all);
    }

    void data(int stream, boolean end, byte[] bytes) throws IOException {
        send(DATA, end ? END_STREAM : 0, stream, bytes);
    }

    void data(int stream, boolean end, String text) throws IOException {
        data(stream, end, RawBackend.ascii(text));
    }

    void reset(int stream, int code) throws IOException {
        send(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
    }

    void windowUpdate(int stream, int bytes) throws IOException {
        send(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
    }

    /** A header block, names and values as they are. */
    byte[] block(int stream, String... namesAndValues) throws IOException {
        Http2Headers headers = new Ordered();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.encodeHeaders(stream, headers, block);
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
        return ByteBufUtil.getBytes(block);
    }

    /**
     * The next frame; settings and pings are acknowledged.
     *
     * @throws java.io.EOFException at the end
     */
    Frame read() throws IOException {
        int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        if ((type == SETTINGS || type == PING) && (flags & ACK) == 0) {
            send(type, ACK, 0, type == PING ? payload : new byte[0]);
        }
        Frame frame = new Frame(type, flags, stream, payload, new LinkedHashMap<>());
        if (type == HEADERS) {
            decode(frame);
        }
        return frame;
    }

    /** The next frame of one of these types. */
    Frame next(int... types) throws IOException {
        while (true) {
            Frame frame = read();
            for (int type : types) {
                if (frame.type() == type) {
                    return frame;
                }
            }
        }
    }

    /** Fields of a HEADERS frame, several of one name joined by a bar. */
    Map<String, String> fields(Frame frame) {
        return frame.fields();
    }

    /** Every block is, in order, or the tables of both ends would differ from then on. */
    private void decode(Frame frame) throws IOException {
        try {
            decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()))
                    .forEach(field ->
                            frame.fields()
                                    .merge(
                                            field.getKey().toString(),
                                            field.getValue().toString(),
                                            (a, b) -> a + "|" + b));
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    /** Head, body and trailers of one stream, or how it was broken off; windows are given back. */
    Answer answer(int stream) throws IOException {
        Answer answer = new Answer();
        while (true) {
            Frame frame = read();
            if (frame.type() == GOAWAY) {
                answer.goAway = ByteBuffer.wrap(frame.payload()).getInt(4);
                if (answer.goAway != 0) {
                    return answer;
                }
            }
            if (frame.stream() != stream) {
                continue;
            }
            switch (frame.type()) {
                case HEADERS -> {
                    Map<String, String> fields = fields(frame);
                    if (answer.head.isEmpty()) {
                        answer.head.putAll(fields);
                    } else if (answer.head.getOrDefault(":status", "").startsWith("1")) {
                        answer.interim.add(answer.head.get(":status"));
                        answer.head.clear();
                        answer.head.putAll(fields);
                    } else {
                        answer.trailers.putAll(fields);
                    }
                }
                case DATA -> {
                    answer.body.writeBytes(frame.payload());
                    if (frame.payload().length > 0 && !frame.isEnd()) {
                        windowUpdate(0, frame.payload().length);
                        windowUpdate(stream, frame.payload().length);
                    }
                }
                case RST_STREAM -> {
                    answer.reset = ByteBuffer.wrap(frame.payload()).getInt();
                    return answer;
                }
                default -> {}
            }
            if ((frame.type() == HEADERS || frame.type() == DATA) && frame.isEnd()) {
                return answer;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    record Frame(int type, int flags, int stream, byte[] payload, Map<String, String> fields) {
        boolean isEnd() {
            return (flags & END_STREAM) != 0;
        }

        int code() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    /** What became of a request. */
    static final class Answer {
        final Map<String, String> head = new LinkedHashMap<>();
        final Map<String, String> trailers = new LinkedHashMap<>();
        final java.util.List<String> interim = new java.util.ArrayList<>();
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        int reset = -1;
        int goAway = -1;

        String status() {
            return head.getOrDefault(":status", "none");
        }

        String text() {
            return body.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /** Keeps the order in which fields were added, pseudo-header fields too. */
    private static final class Ordered extends DefaultHttp2Headers {
        private final java.util.List<Map.Entry<CharSequence, CharSequence>> all =
                new java.util.ArrayList<>();

        Ordered() {
            super(false);
        }

        @Override
        public Http2Headers add(CharSequence name, CharSequence value) {
            all.add(Map.entry(name, value));
            return this;
        }

        @Override
        public java.util.Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
            return all.iterator();
        }
    }
}
