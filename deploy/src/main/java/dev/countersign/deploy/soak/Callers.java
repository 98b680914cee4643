package dev.countersign.deploy.soak;

import dev.countersign.deploy.quickstart.Exchange;
import dev.countersign.deploy.quickstart.Exchange.Answer;
import dev.countersign.deploy.quickstart.Workloads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ask orders without a pause: web, which policy always lets in, and guest, which it sometimes does. Each
 * through its own agent's listener, in plain HTTP.
 */
final class Callers implements AutoCloseable {
    private static final long PAUSE_MILLIS = 5;
    private static final int OF_WEB = 3;
    private static final int DENIED = 403;

    private final Exchange exchange;
    private final Workloads cast;
    private final Outages outages;
    private final GuestRule guest;
    private final Findings findings;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong excused = new AtomicLong();
    private final AtomicLong denied = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();

    Callers(
            Exchange exchange,
            Workloads cast,
            Outages outages,
            GuestRule guest,
            Findings findings) {
        this.exchange = exchange;
        this.cast = cast;
        this.outages = outages;
        this.guest = guest;
        this.findings = findings;
        for (int i = 0; i < OF_WEB; i++) {
            threads.add(Thread.ofVirtual().name("web-" + i).start(() -> repeat(this::askAsWeb)));
        }
        threads.add(Thread.ofVirtual().name("guest").start(() -> repeat(this::askAsGuest)));
    }

    long served() {
        return served.get();
    }

    /** Failed while somebody who carries them was down. */
    long excused() {
        return excused.get();
    }

    long denied() {
        return denied.get();
    }

    @Override
    public void close() throws InterruptedException {
        running.set(false);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void askAsWeb() {
        long from = System.nanoTime();
        Answer answer = exchange.get(cast.web().outbound(), "/orders/42");
        if (answer.status() == 200) {
            served.incrementAndGet();
        } else if (outages.excuse(from, System.nanoTime())) {
            excused.incrementAndGet();
        } else {
            findings.add("web was allowed and got " + answer.status() + " " + said(answer));
        }
    }

    private void askAsGuest() {
        long from = System.nanoTime();
        Answer answer = exchange.get(cast.guest().outbound(), "/orders/42");
        long until = System.nanoTime();
        if (answer.status() == 200) {
            served.incrementAndGet();
            if (guest.denies(from, until)) {
                findings.add("guest was denied and got 200");
            }
        } else if (outages.excuse(from, until)) {
            excused.incrementAndGet();
        } else if (answer.status() != DENIED) {
            findings.add("guest got " + answer.status() + " " + said(answer));
        } else {
            denied.incrementAndGet();
            if (guest.allows(from, until)) {
                findings.add("guest was allowed and got 403");
            }
        }
    }

    private static String said(Answer answer) {
        return answer.body().strip();
    }

    private void repeat(Runnable ask) {
        try {
            while (running.get()) {
                ask.run();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
