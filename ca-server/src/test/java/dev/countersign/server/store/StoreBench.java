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
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * What a durable certificate costs in the store: one key look-up, one intent, one outcome. Arguments:
 * a directory for SQLite or {@code postgres} for an embedded PostgreSQL, and seconds per run. The
 * figures include making up the intents.
 */
public final class StoreBench {
    private static final PrintStream OUT = System.out;
    private static final int[] CALLERS = {1, 8, 64};

    private StoreBench() {}

    public static void main(String[] arguments) throws Exception {
        String where = arguments[0];
        int seconds = Integer.parseInt(arguments[arguments.length - 1]);
        Path directory =
                Files.createTempDirectory(
                        where.equals("postgres") ? Path.of("target") : Path.of(where), "bench");
        OUT.printf("fdatasync/s of the disk: %.0f%n", flushesPerSecond(directory));
        StoreConfig config =
                where.equals("postgres")
                        ? SharedPostgres.fresh(Duration.ofSeconds(2)).config()
                        : StoreConfig.sqlite(directory.resolve("bench.db"));
        long opening = System.nanoTime();
        try (Store store = Store.open(config, InstantSource.system(), "bench" + opening)) {
            OUT.printf("opened in %d ms%n", (System.nanoTime() - opening) / 1_000_000);
            OUT.println(store.describe());
            List<ProcessHandle> server =
                    where.equals("postgres") ? serverOf(new Database(config)).toList() : List.of();
            run(store, server, 64, seconds * 2, false);
            for (int callers : CALLERS) {
                run(store, server, callers, seconds, true);
            }
        }
    }

    private static void run(
            Store store, List<ProcessHandle> server, int callers, int seconds, boolean print)
            throws InterruptedException {
        AuditTrail trail = store.auditTrail();
        IssuanceLedger ledger = store.ledger();
        AtomicLong done = new AtomicLong();
        Queue<Long> waits = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        StoreHealth before = store.health();
        long cpu = cpuNanos();
        long writerCpu = writerNanos();
        long databaseCpu = cpuNanosOf(server);
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        for (int i = 0; i < callers; i++) {
            Intents intents = new Intents(new SplittableRandom(start + i));
            String account = "account-" + i;
            threads.add(
                    Thread.startVirtualThread(
                            () -> loop(trail, ledger, intents, account, end, waits, done)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        long used = cpuNanos() - cpu;
        long writerUsed = writerNanos() - writerCpu;
        long databaseUsed = cpuNanosOf(server) - databaseCpu;
        StoreHealth after = store.health();
        if (print) {
            long[] sorted = waits.stream().mapToLong(Long::longValue).sorted().toArray();
            OUT.printf(
                    "      intent durable after %.1f ms at the median, p99 %.1f ms, longest %.1f ms%n",
                    sorted[sorted.length / 2] / 1e6,
                    sorted[sorted.length * 99 / 100] / 1e6,
                    sorted[sorted.length - 1] / 1e6);
            OUT.printf(
                    "%4d callers  %7.0f certificates/s  %6.1f us CPU each (writer %5.1f; database process %5.1f)  %6.1f entries a commit"
                            + "  %6.0f commits/s%n",
                    callers,
                    done.get() / elapsed,
                    used / 1000.0 / done.get(),
                    writerUsed / 1000.0 / done.get(),
                    databaseUsed / 1000.0 / done.get(),
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
            Queue<Long> waits,
            AtomicLong done) {
        try {
            while (System.nanoTime() < end) {
                IssuanceIntent intent = intents.next(Intents.ISSUER, account);
                if (ledger.identityOfKey(intent.publicKeyHash()).isPresent()) {
                    throw new IllegalStateException("a fresh key is bound");
                }
                long asked = System.nanoTime();
                trail.intend(intent);
                waits.add(System.nanoTime() - asked);
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

    /** The PostgreSQL server's processes: the parent of a backend, and all its children. */
    private static Stream<ProcessHandle> serverOf(Database database) throws SQLException {
        return ProcessHandle.of(database.number("SELECT pg_backend_pid()"))
                .flatMap(ProcessHandle::parent)
                .stream()
                .flatMap(parent -> Stream.concat(Stream.of(parent), parent.descendants()));
    }

    private static long cpuNanosOf(List<ProcessHandle> processes) {
        return processes.stream()
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .mapToLong(Duration::toNanos)
                .sum();
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
