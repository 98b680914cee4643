package dev.countersign.deploy.bench.rotation;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An application that asks one callee after the other, at a rate of its own: a slow answer makes the next
 * ones late and does not save them.
 */
final class PacedCaller implements Runnable {
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: callee\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int TIMEOUT_MILLIS = 10_000;

    private final int[] ports;
    private final long nanosBetween;
    private final Tally tally;
    private final Map<Integer, Socket> kept = new HashMap<>();
    private volatile boolean running = true;

    /**
     * @param ports of the agent's outbound listeners, one for each callee
     */
    PacedCaller(int[] ports, double perSecond, Tally tally) {
        this.ports = ports.clone();
        this.nanosBetween = (long) (1e9 / perSecond);
        this.tally = tally;
    }

    void stop() {
        running = false;
    }

    @Override
    public void run() {
        long due = System.nanoTime();
        for (int i = 0; running; i++) {
            ask(ports[i % ports.length]);
            due += nanosBetween;
            long early = due - System.nanoTime();
            if (early > 0) {
                LockSupport.parkNanos(early);
            }
        }
        kept.values().forEach(PacedCaller::close);
    }

    private void ask(int port) {
        try {
            Socket socket = kept.get(port);
            if (socket == null) {
                socket = new Socket(InetAddress.getLoopbackAddress(), port);
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                kept.put(port, socket);
            }
            long started = System.nanoTime();
            socket.getOutputStream().write(REQUEST);
            String status = answer(socket.getInputStream());
            tally.answered(status, System.nanoTime() - started);
        } catch (IOException failed) {
            tally.answered(failed.toString(), 0);
            close(kept.remove(port));
        }
    }

    /** The status line; the rest is read and thrown away. */
    private static String answer(InputStream plain) throws IOException {
        InputStream in = new BufferedInputStream(plain, 512);
        String status = line(in);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        if (in.readNBytes(length).length < length) {
            throw new IOException("answer: cut off");
        }
        return status;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("connection closed by the agent");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static void close(@Nullable Socket socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException alreadyGone) {
                // It is of no use any more either way.
            }
        }
    }
}
