package dev.countersign.agent.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An application that speaks HTTP/2 without TLS and answers by path: {@code /echo} as the body comes,
 * {@code /trailers}, {@code /bytes/N}, {@code /hints}, {@code /hang} never, and so on; keeps the heads
 * it was sent and the frames that ended streams early.
 */
final class Http2Backend implements AutoCloseable {
    private final List<Map<String, String>> heads = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> trailers = new CopyOnWriteArrayList<>();
    private final List<Integer> resets = new CopyOnWriteArrayList<>();
    private final List<Http2Wire> wires = new CopyOnWriteArrayList<>();
    private final RawBackend sockets;

    Http2Backend() {
        this(Mesh.loopback());
    }

    Http2Backend(InetSocketAddress listen) {
        sockets = new RawBackend(listen, (socket, in, out) -> serve(socket));
    }

    InetSocketAddress address() {
        return sockets.address();
    }

    List<Map<String, String>> heads() {
        return heads;
    }

    List<Map<String, String>> trailers() {
        return trailers;
    }

    /** Codes of streams that were reset. */
    List<Integer> resets() {
        return resets;
    }

    int connections() {
        return sockets.accepted();
    }

    /** Says that the streams up to this one are the last. */
    void goAway(int lastStream) throws IOException {
        for (Http2Wire wire : wires) {
            wire.send(
                    Http2Wire.GOAWAY,
                    0,
                    0,
                    java.nio.ByteBuffer.allocate(8).putInt(lastStream).putInt(0).array());
        }
    }

    @Override
    public void close() throws IOException {
        sockets.close();
    }

    private void serve(Socket socket) throws IOException {
        Http2Wire wire = new Http2Wire(socket);
        wire.in().readNBytes(Http2Wire.PREFACE.length);
        wire.send(Http2Wire.SETTINGS, 0, 0, new byte[0]);
        wires.add(wire);
        Map<Integer, String> paths = new HashMap<>();
        while (true) {
            Http2Wire.Frame frame = wire.read();
            switch (frame.type()) {
                case Http2Wire.HEADERS -> {
                    Map<String, String> fields = wire.fields(frame);
                    if (paths.containsKey(frame.stream())) {
                        trailers.add(fields);
                        wire.headers(frame.stream(), true, "x-sum", "1");
                    } else {
                        heads.add(fields);
                        String path = fields.getOrDefault(":path", "").replaceAll("\\?.*", "");
                        paths.put(frame.stream(), path);
                        head(wire, frame, path);
                    }
                }
                case Http2Wire.DATA -> data(wire, frame, paths.getOrDefault(frame.stream(), ""));
                case Http2Wire.RST_STREAM -> resets.add(frame.code());
                default -> {}
            }
        }
    }

    private static void head(Http2Wire wire, Http2Wire.Frame frame, String path)
            throws IOException {
        int stream = frame.stream();
        if (path.startsWith("/bytes/")) {
            int length = Integer.parseInt(path.substring("/bytes/".length()));
            wire.headers(stream, false, ":status", "200");
            wire.data(stream, true, new byte[length]);
            return;
        }
        switch (path) {
            case "/echo", "" -> wire.headers(stream, frame.isEnd(), ":status", "200");
            case "/" -> {
                wire.headers(stream, false, ":status", "200");
                wire.data(stream, true, "hello, world");
            }
            case "/hang", "/no-window" -> {}
            case "/begin" -> wire.headers(stream, false, ":status", "200");
            case "/grpc-begin" ->
                    wire.headers(
                            stream, false, ":status", "200", "content-type", "application/grpc");
            case "/trailers" -> {
                wire.headers(stream, false, ":status", "200");
                wire.data(stream, false, "hello");
                wire.headers(
                        stream,
                        true,
                        "x-sum",
                        "5",
                        "x-countersign-peer",
                        "me",
                        "content-length",
                        "9");
            }
            case "/hints" -> {
                wire.headers(stream, false, ":status", "103", "link", "</a>");
                wire.headers(stream, true, ":status", "200");
            }
            case "/pretender" ->
                    wire.headers(stream, true, ":status", "200", "x-countersign-denied", "me");
            case "/early" -> {
                wire.headers(stream, true, ":status", "413");
                wire.reset(stream, 0);
            }
            case "/refuse" -> wire.reset(stream, 7);
            case "/reset" -> wire.reset(stream, 11);
            case "/begin-reset" -> {
                wire.headers(stream, false, ":status", "200");
                wire.reset(stream, 11);
            }
            case "/close" -> wire.close();
            case "/bad-status" -> wire.headers(stream, true, ":status", "99");
            case "/bad-value" -> wire.headers(stream, true, ":status", "200", "x", "a\r\nb: c");
            case "/bad-switch" -> wire.headers(stream, false, ":status", "101");
            default -> wire.headers(stream, true, ":status", "200", "x-path", path);
        }
    }

    private static void data(Http2Wire wire, Http2Wire.Frame frame, String path)
            throws IOException {
        int length = frame.payload().length;
        if (length > 0 && !path.equals("/no-window")) {
            wire.windowUpdate(0, length);
            if (!frame.isEnd()) {
                wire.windowUpdate(frame.stream(), length);
            }
        }
        if (path.equals("/echo") || path.isEmpty()) {
            wire.data(frame.stream(), frame.isEnd(), frame.payload());
        }
    }
}
