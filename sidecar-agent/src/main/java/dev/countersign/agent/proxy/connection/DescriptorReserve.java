package dev.countersign.agent.proxy.connection;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Descriptors held for nothing, to be given up when there are no others: then health, admin and the
 * way to the CA still find some, while the proxy takes nothing new until the reserve is whole again.
 * Thread-safe.
 */
public final class DescriptorReserve implements AutoCloseable {
    private static final Path NOTHING = Path.of("/dev/null");

    private final int size;
    private final List<FileChannel> held = new ArrayList<>();
    private volatile boolean whole;

    /**
     * @param size descriptors to hold
     */
    public DescriptorReserve(int size) {
        this.size = size;
        retake();
    }

    /** Whether nobody had to give it up. */
    boolean whole() {
        return whole;
    }

    /** There are no descriptors left: others may have these. */
    synchronized void giveUp() {
        whole = false;
        release();
    }

    /** Takes all of it back, or nothing; returns whether it is whole. */
    synchronized boolean retake() {
        try {
            while (held.size() < size) {
                held.add(FileChannel.open(NOTHING, StandardOpenOption.READ));
            }
            whole = true;
        } catch (IOException stillNone) {
            release();
        }
        return whole;
    }

    @Override
    public synchronized void close() {
        whole = false;
        release();
    }

    private void release() {
        for (FileChannel each : held) {
            try {
                each.close();
            } catch (IOException impossible) {
                throw new IllegalStateException("descriptor cannot be closed", impossible);
            }
        }
        held.clear();
    }
}
