package dev.countersign.agent.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * An end of HTTP/2 that keeps to windows: what it sends waits for them, what it receives it gives
 * back by and by. One thread reads; any number write.
 */
final class Http2Peer implements AutoCloseable {
    private static final int FIRST_WINDOW = 65_535;
    private static final int INITIAL_WINDOW_SIZE = 4;

    private final Http2Wire wire;
    private final Random random;
    private final Arrival arrival;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private int initialWindow = FIRST_WINDOW;
    private int window = FIRST_WINDOW;
    private int owed;
    private boolean ended;

    /**
     * @param random how much is given back at a time
     * @param arrival told of each new stream of the other end
     */
    Http2Peer(Http2Wire wire, Random random, Arrival arrival) {
        this.wire = wire;
        this.random = random;
        this.arrival = arrival;
    }

    Stream open(int id, String path) throws IOException {
        Stream stream = stream(id);
        wire.request(id, false, "POST", path);
        return stream;
    }

    Http2Wire wire() {
        return wire;
    }

    /** Reads until the connection ends. */
    void run() {
        try {
            while (true) {
                took(wire.read());
            }
        } catch (IOException e) {
            synchronized (this) {
                ended = true;
                streams.values().forEach(stream -> stream.over = true);
                notifyAll();
            }
        }
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    private synchronized Stream stream(int id) {
        return streams.computeIfAbsent(id, Stream::new);
    }

    private void took(Http2Wire.Frame frame) throws IOException {
        switch (frame.type()) {
            case Http2Wire.SETTINGS -> settings(frame);
            case Http2Wire.WINDOW_UPDATE -> {
                synchronized (this) {
                    if (frame.stream() == 0) {
                        window += frame.code();
                    } else if (streams.containsKey(frame.stream())) {
                        stream(frame.stream()).window += frame.code();
                    }
                    notifyAll();
                }
            }
            case Http2Wire.HEADERS -> {
                Map<String, String> fields = wire.fields(frame);
                Stream stream = stream(frame.stream());
                if (fields.containsKey(":path")) {
                    arrival.arrived(stream, fields.get(":path"));
                }
                finished(stream, frame.isEnd());
            }
            case Http2Wire.DATA -> data(frame);
            case Http2Wire.RST_STREAM -> {
                synchronized (this) {
                    Stream stream = stream(frame.stream());
                    // Frames that crossed the first one on their way may be answered with more.
                    stream.reset = stream.reset < 0 ? frame.code() : stream.reset;
                    stream.over = true;
                    notifyAll();
                }
            }
            default -> {}
        }
    }

    private synchronized void settings(Http2Wire.Frame frame) {
        ByteBuffer payload = ByteBuffer.wrap(frame.payload());
        while (payload.hasRemaining()) {
            int id = payload.getShort();
            int value = payload.getInt();
            if (id == INITIAL_WINDOW_SIZE) {
                int more = value - initialWindow;
                initialWindow = value;
                streams.values().forEach(stream -> stream.window += more);
                notifyAll();
            }
        }
    }

    private synchronized void data(Http2Wire.Frame frame) throws IOException {
        Stream stream = stream(frame.stream());
        int length = frame.payload().length;
        stream.received.writeBytes(frame.payload());
        stream.owed += length;
        owed += length;
        if (!frame.isEnd() && stream.owed > 0 && random.nextInt(3) > 0) {
            wire.windowUpdate(frame.stream(), stream.owed);
            stream.owed = 0;
        }
        if (owed > 0) {
            wire.windowUpdate(0, owed);
            owed = 0;
        }
        finished(stream, frame.isEnd());
    }

    private synchronized void finished(Stream stream, boolean end) {
        if (end) {
            stream.finished = true;
            notifyAll();
        }
    }

    /** How streams of the other end are served; called by the reading thread. */
    @FunctionalInterface
    interface Arrival {
        void arrived(Stream stream, String path) throws IOException;
    }

    /** One stream. */
    final class Stream {
        private final int id;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private int window = initialWindow;
        private int owed;
        private int reset = -1;
        private boolean finished;
        private boolean over;

        private Stream(int id) {
            this.id = id;
        }

        int id() {
            return id;
        }

        /** Sends, as windows allow; false when the stream was broken off meanwhile. */
        boolean send(byte[] bytes, int from, int length) throws IOException, InterruptedException {
            int at = from;
            while (at < from + length) {
                int most;
                synchronized (Http2Peer.this) {
                    while (!over && !ended && (window <= 0 || Http2Peer.this.window <= 0)) {
                        if (owed > 0) {
                            // Both ends waiting for the other's window is not what is tried here.
                            wire.windowUpdate(id, owed);
                            owed = 0;
                        }
                        Http2Peer.this.wait(50);
                    }
                    if (over || ended) {
                        return false;
                    }
                    most = Math.min(Math.min(window, Http2Peer.this.window), from + length - at);
                    most = Math.min(most, 16_384);
                    window -= most;
                    Http2Peer.this.window -= most;
                }
                byte[] part = new byte[most];
                System.arraycopy(bytes, at, part, 0, most);
                wire.data(id, false, part);
                at += most;
            }
            return true;
        }

        void finish() throws IOException {
            wire.data(id, true, new byte[0]);
        }

        void reset(int code) throws IOException {
            synchronized (Http2Peer.this) {
                over = true;
            }
            wire.reset(id, code);
        }

        /** Waits for the other end to finish or to break off. */
        void await() throws InterruptedException {
            synchronized (Http2Peer.this) {
                while (!finished && !over && !ended) {
                    if (owed > 0) {
                        giveBack();
                    }
                    Http2Peer.this.wait(50);
                }
            }
        }

        byte[] received() {
            return received.toByteArray();
        }

        boolean isFinished() {
            synchronized (Http2Peer.this) {
                return finished;
            }
        }

        /** The code it was broken off with by the other end; -1 when it was not. */
        int resetWith() {
            synchronized (Http2Peer.this) {
                return reset;
            }
        }

        private void giveBack() {
            try {
                wire.windowUpdate(id, owed);
                owed = 0;
            } catch (IOException e) {
                ended = true;
            }
        }
    }
}
