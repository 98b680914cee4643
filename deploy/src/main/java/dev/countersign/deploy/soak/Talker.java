package dev.countersign.deploy.soak;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says something over one connection for as long as that lives, and hears it back byte by byte; then
 * over the next. A connection may break while somebody who carries it is down, and while the root is
 * replaced, which ends connections under the old one; a wrong byte has no excuse.
 */
final class Talker implements Runnable {
    private static final long PAUSE_MILLIS = 20;
    private static final int LONGEST = 20_000;

    private final String name;
    private final Dialer dialer;
    private final Outages outages;
    private final Outages rotations;
    private final Findings findings;
    private final AtomicBoolean running;
    private final SplittableRandom random = new SplittableRandom();
    private final AtomicLong heard = new AtomicLong();
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong excused = new AtomicLong();
    private volatile long longest;

    /** Opens connections. */
    @FunctionalInterface
    interface Dialer {
        Line open() throws IOException, InterruptedException;
    }

    /** One connection. */
    interface Line extends AutoCloseable {
        /** What came back, as long as what was said. */
        byte[] exchange(byte[] said) throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }

    Talker(
            String name,
            Dialer dialer,
            Outages outages,
            Outages rotations,
            Findings findings,
            AtomicBoolean running) {
        this.name = name;
        this.dialer = dialer;
        this.outages = outages;
        this.rotations = rotations;
        this.findings = findings;
        this.running = running;
    }

    @Override
    public void run() {
        try {
            while (running.get()) {
                talk();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    String name() {
        return name;
    }

    /** Messages that came back. */
    long heard() {
        return heard.get();
    }

    @Override
    public String toString() {
        return "%s: %d messages over %d connections, the longest for %d s, %d broken with an excuse"
                .formatted(name, heard.get(), opened.get(), longest, excused.get());
    }

    private void talk() throws InterruptedException {
        long from = System.nanoTime();
        try (Line line = dialer.open()) {
            opened.incrementAndGet();
            long since = from;
            while (running.get()) {
                from = System.nanoTime();
                exchange(line);
                longest = Math.max(longest, (System.nanoTime() - since) / 1_000_000_000L);
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (IOException broken) {
            long until = System.nanoTime();
            if (outages.excuse(from, until) || rotations.excuse(from, until)) {
                excused.incrementAndGet();
            } else {
                findings.add(name + " broke: " + broken.getMessage());
            }
        }
    }

    private void exchange(Line line) throws IOException, InterruptedException {
        byte[] said = new byte[random.nextInt(1, LONGEST)];
        random.nextBytes(said);
        if (Arrays.equals(line.exchange(said), said)) {
            heard.incrementAndGet();
        } else {
            findings.add(name + " heard something else than it had said");
        }
    }
}
