package dev.countersign.server.store;

import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a durable certificate costs in the store: one key look-up, one intent, one outcome. Arguments:
 * directory or PostgreSQL URL, user, password file, seconds per run.
 */
public final class StoreBench {
    private static final PrintStream OUT = System.out;
    private static final int[] CALLERS = {64, 8, 1};

    private StoreBench() {}

    public static void main(String[] arguments) throws Exception {
        String where = arguments[0];
        int seconds = Integer.parseInt(arguments[arguments.length - 1]);
        StoreConfig config;
        if (where.startsWith("jdbc:postgresql:")) {
            config =
                    StoreConfig.of(
                            where, Optional.of(arguments[1]), Optional.of(Path.of(arguments[2])));
        } else {
            Path directory = Files.createTempDirectory(Path.of(where), "store-bench");
            OUT.printf("fdatasync/s of the disk: %.0f%n", flushesPerSecond(directory));
            config = StoreConfig.sqlite(directory.resolve("bench.db"));
        }
        long opening = System.nanoTime();
        try (Store store = Store.open(config, InstantSource.system(), "bench" + opening)) {
            OUT.printf("opened in %d ms%n", (System.nanoTime() - opening) / 1_000_000);
            OUT.println(store.describe());
            run(store, 64, seconds, false);
            for (int callers : CALLERS) {
                run(store, callers, seconds, true);
            }
        }
    }

    private static void run(Store store, int callers, int seconds, boolean print)
            throws InterruptedException {
        AuditTrail trail = store.auditTrail();
        IssuanceLedger ledger = store.ledger();
        AtomicLong done = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        StoreHealth before = store.health();
        long cpu = cpuNanos();
        long writerCpu = writerNanos();
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        for (int i = 0; i < callers; i++) {
            Intents intents = new Intents(new SplittableRandom(start + i));
            String account = "account-" + i;
            threads.add(
                    Thread.startVirtualThread(
                            () -> loop(trail, ledger, intents, account, end, done)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        long used = cpuNanos() - cpu;
        long writerUsed = writerNanos() - writerCpu;
        StoreHealth after = store.health();
        if (print) {
            OUT.printf(
                    "%4d callers  %7.0f certificates/s  %6.1f us CPU each (writer %5.1f)  %6.1f entries a commit"
                            + "  %6.0f commits/s%n",
                    callers,
                    done.get() / elapsed,
                    used / 1000.0 / done.get(),
                    writerUsed / 1000.0 / done.get(),
                    (double) (after.entries() - before.entries())
                            / (after.commits() - before.commits()),
                    (after.commits() - before.commits()) / elapsed);
        }
    }

    private static void loop(
            AuditTrail trail,
            IssuanceLedger ledger,
            Intents intents,
            String account,
            long end,
            AtomicLong done) {
        try {
            while (System.nanoTime() < end) {
                IssuanceIntent intent = intents.next(Intents.ISSUER, account);
                if (ledger.identityOfKey(intent.publicKeyHash()).isPresent()) {
                    throw new IllegalStateException("a fresh key is bound");
                }
                trail.intend(intent);
                trail.issued(intent, intent.tbsHash());
                done.incrementAndGet();
            }
        } catch (AuditUnavailable e) {
            throw new IllegalStateException(e);
        }
    }

    private static double flushesPerSecond(Path directory) throws IOException {
        Path file = directory.resolve("flush");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(4096);
            long start = System.nanoTime();
            int flushes = 0;
            while (System.nanoTime() - start < 1_000_000_000L) {
                channel.write(block.rewind(), (flushes % 256) * 4096L);
                channel.force(false);
                flushes++;
            }
            return flushes / ((System.nanoTime() - start) / 1e9);
        }
    }

    private static long writerNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("store-writer"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.threadId()))
                .sum();
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
