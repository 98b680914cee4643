package dev.countersign.deploy.quickstart;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Steady requests from web to orders: what a rotation must not disturb. */
final class Traffic implements AutoCloseable {
    private static final long PAUSE_MILLIS = 8;
    private static final int CALLERS = 2;

    private final Exchange exchange;
    private final int port;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile String firstFailure = "";

    Traffic(Exchange exchange, int port) {
        this.exchange = exchange;
        this.port = port;
        for (int i = 0; i < CALLERS; i++) {
            Thread.ofVirtual().name("traffic-" + i).start(this::run);
        }
    }

    long requests() {
        return requests.get();
    }

    long failed() {
        return failed.get();
    }

    String firstFailure() {
        return firstFailure;
    }

    @Override
    public void close() {
        running.set(false);
    }

    private void run() {
        try {
            while (running.get()) {
                Exchange.Answer answer = exchange.get(port, "/ask/orders/42");
                requests.incrementAndGet();
                if (answer.status() != 200) {
                    if (failed.getAndIncrement() == 0) {
                        firstFailure = answer.status() + " " + answer.body().strip();
                    }
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
