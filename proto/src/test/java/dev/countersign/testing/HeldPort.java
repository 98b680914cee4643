package dev.countersign.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;

/**
 * A port of loopback that nobody else is given while it is held, and on which nobody listens:
 * connecting to it is refused. A port that was closed instead is anybody's: the next test to bind
 * port 0 may answer there.
 *
 * <p>A server of the same test may come and go on it by binding it with {@code SO_REUSEPORT}.
 */
public final class HeldPort implements AutoCloseable {
    private final Socket holder = new Socket();

    private HeldPort() throws IOException {
        // Not SO_REUSEADDR: with it, the kernel lets two share a port as long as neither listens.
        holder.setReuseAddress(false);
        holder.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    public static HeldPort open() {
        try {
            return new HeldPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int number() {
        return holder.getLocalPort();
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(holder.getLocalAddress(), number());
    }

    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
