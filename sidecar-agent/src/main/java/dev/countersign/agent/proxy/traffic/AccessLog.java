package dev.countersign.agent.proxy.traffic;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line for each request and stream that is over. What was denied or audited is always
 * written, the rest by chance. Traffic never waits for a disk: lines that there is no room for are
 * dropped and counted.
 *
 * <p>The file is opened for appending and never again: rotate it by copying and truncating.
 */
public final class AccessLog implements AutoCloseable {
    private static final int WAITING = 8192;
    private static final String OWNER_AND_GROUP = "rw-r-----";
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    private final OutputStream out;
    private final boolean owned;
    private final double sample;
    private final RandomGenerator random;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(WAITING);
    private final LongAdder written = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final Thread writer;
    private volatile boolean closed;

    /**
     * What is to be written, and where.
     *
     * @param file empty: standard output
     * @param sample of what was allowed and not audited, 0 to 1
     */
    public record Settings(Optional<Path> file, double sample) {
        public Settings {
            if (!(sample >= 0 && sample <= 1)) {
                throw new IllegalArgumentException("sample: " + sample + " (expected: 0..1)");
            }
        }
    }

    private AccessLog(OutputStream out, boolean owned, double sample, RandomGenerator random) {
        this.out = out;
        this.owned = owned;
        this.sample = sample;
        this.random = random;
        this.writer = Thread.ofPlatform().name("access-log").daemon().unstarted(this::write);
    }

    /**
     * Opens the file and starts the writer.
     *
     * @throws IOException when the file cannot be opened for appending
     */
    public static AccessLog open(Settings settings, RandomGenerator random) throws IOException {
        boolean owned = settings.file().isPresent();
        AccessLog log =
                new AccessLog(
                        owned ? append(settings.file().get()) : System.out,
                        owned,
                        settings.sample(),
                        random);
        log.writer.start();
        return log;
    }

    /** Cheap where it is not to be written. */
    void over(Observed what) {
        boolean always = what.has(TapFilter.Mark.DENIED) || what.has(TapFilter.Mark.AUDITED);
        if (!always && (sample == 0 || (sample < 1 && random.nextDouble() >= sample))) {
            return;
        }
        if (lines.remainingCapacity() == 0 || !lines.offer(what.line())) {
            dropped.increment();
        }
    }

    public long written() {
        return written.sum();
    }

    public long dropped() {
        return dropped.sum();
    }

    /** Writes what waits. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        writer.interrupt();
        writer.join();
        if (owned) {
            closeFile();
        }
    }

    private void write() {
        while (!closed) {
            try {
                append(lines.take());
            } catch (InterruptedException ending) {
                break;
            }
        }
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            append(line);
        }
        flush();
    }

    private void append(String line) {
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            written.increment();
            if (lines.isEmpty()) {
                out.flush();
            }
        } catch (IOException full) {
            if (dropped.sum() == 0) {
                LOG.atWarn().setCause(full).log("access log cannot be written");
            }
            dropped.increment();
        }
    }

    private void flush() {
        try {
            out.flush();
        } catch (IOException full) {
            LOG.atWarn().setCause(full).log("access log cannot be written");
        }
    }

    private void closeFile() {
        try {
            out.close();
        } catch (IOException full) {
            LOG.atWarn().setCause(full).log("access log: its end cannot be written");
        }
    }

    private static OutputStream append(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(OWNER_AND_GROUP)));
        }
        return new java.io.BufferedOutputStream(
                Files.newOutputStream(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    }
}
