package dev.countersign.deploy.bench;

import dev.countersign.deploy.bench.ThreadFigures.Part;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.ExpectedPeer;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;

/**
 * Drives a server for {@code deploy/bench/issuance}: every certificate is a pod's first, with a
 * token and a key of its own, one request a call. A server that has just started spends most of its
 * time on compiling itself, so each case is repeated until the compiler is all but silent, and the
 * number of certificates this took is printed.
 */
public final class IssuanceLoad {
    private static final int CONNECTIONS = 8;
    private static final int CALLERS = 48;
    private static final int ROUND = 5_000;
    private static final int MEASURED = 15_000;
    private static final int PACED_SECONDS = 5;
    private static final int NEW_CONNECTIONS = 2_500;

    /** Warm when the compiler takes less of the server's time than this in a round. */
    private static final double COMPILER_SHARE = 0.03;

    private static final int MAX_ROUNDS = 11;
    private static final int MAX_NEW_ROUNDS = 6;

    private final String server;
    private final Bootstrap bootstrap;
    private final SslContext tls;
    private final IssuanceRequests requests;
    private final long pid;
    private final List<Long> others;
    private final double f;

    private IssuanceLoad(String[] arguments) throws Exception {
        InstantSource clock = InstantSource.system();
        server = arguments[0];
        bootstrap = BootstrapFile.parse(Files.readString(Path.of(arguments[1])));
        tls = tls(new SvidVerifier(new BundleKeeper(bootstrap, clock, BundleCodec::decode), clock));
        requests = new IssuanceRequests(Path.of(arguments[2]));
        pid = Long.parseLong(arguments[3]);
        f = Double.parseDouble(arguments[4]);
        others = Arrays.stream(arguments).skip(5).map(Long::parseLong).toList();
    }

    /**
     * {@code fdatasync FOLDER}, {@code requests FILE ISSUER-KEY}, or host:port, bootstrap file,
     * requests, server pid, microseconds of F, other pids to account separately (the database).
     */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "fdatasync" ->
                    System.out.printf(
                            Locale.ROOT,
                            "fdatasync             %,8.0f /s%n",
                            syncs(Path.of(arguments[1])));
            case "requests" ->
                    IssuanceRequests.make(Path.of(arguments[1]), Path.of(arguments[2]), needed());
            default -> new IssuanceLoad(arguments).run();
        }
    }

    /** What the longest run asks for, up to 2 500 certificates a second at half of capacity. */
    private static int needed() {
        return ROUND * MAX_ROUNDS
                + MEASURED
                + 2_500 * PACED_SECONDS
                + NEW_CONNECTIONS * (MAX_NEW_ROUNDS + 1);
    }

    private void run() throws Exception {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            channels.add(channel());
        }
        warm(channels, ROUND, MAX_ROUNDS);
        double capacity = measure("warm connection", channels, requests.next(MEASURED), 0).rate();
        double half = capacity / 2;
        List<IssueCertificateRequest> paced =
                requests.next((int) (Math.min(half, 2_500) * PACED_SECONDS));
        measure("half of capacity", channels, paced, half);
        channels.forEach(ManagedChannel::shutdownNow);
        warm(List.of(), NEW_CONNECTIONS, MAX_NEW_ROUNDS);
        measure("new connection each", List.of(), requests.next(NEW_CONNECTIONS), 0);
        System.out.printf(
                Locale.ROOT,
                "server memory         %,8d KiB resident%n",
                ProcessFigures.residentKib(pid));
        System.exit(0);
    }

    /** Until the compiler is all but silent; says how long that took, and when it never was. */
    private void warm(List<ManagedChannel> channels, int round, int atMost) throws Exception {
        long started = System.nanoTime();
        StringBuilder each = new StringBuilder();
        int rounds = 0;
        double share = 1;
        while (rounds < atMost && share >= COMPILER_SHARE) {
            Figures figures = measure("", channels, requests.next(round), 0);
            share = figures.compilerShare();
            each.append(
                    String.format(
                            Locale.ROOT, " %.0f (%.0f)", figures.each(), share * figures.each()));
            rounds++;
        }
        System.out.printf(
                Locale.ROOT,
                "warm-up               %,d certificates in %.0f s%s%n%23s %,d, µs CPU each (of it"
                        + " compiler):%s%n",
                rounds * round,
                (System.nanoTime() - started) / 1e9,
                share < COMPILER_SHARE ? "" : ", the compiler is not yet silent",
                "by",
                round,
                each);
    }

    /** Runs all; {@code rate} 0 = as fast as the callers go. No name: nothing is printed. */
    private Figures measure(
            String name,
            List<ManagedChannel> channels,
            List<IssueCertificateRequest> calls,
            double rate)
            throws Exception {
        long[] latencies = new long[calls.size()];
        AtomicInteger failed = new AtomicInteger();
        AtomicLong next = new AtomicLong();
        Map<Part, Long> before = ThreadFigures.nanos(pid);
        long cpu = ProcessFigures.cpuMicros(List.of(pid));
        long otherCpu = ProcessFigures.cpuMicros(others);
        long started = System.nanoTime();
        Semaphore callers = new Semaphore(rate > 0 ? calls.size() : CALLERS);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < calls.size(); i++) {
                int number = i;
                long due = rate > 0 ? started + (long) (number / rate * 1e9) : System.nanoTime();
                while (System.nanoTime() < due) {
                    Thread.sleep(0, 200_000);
                }
                callers.acquire();
                threads.execute(() -> {
                    // Late starts count: latency is from when the call was due.
                    long from = rate > 0 ? due : System.nanoTime();
                    try {
                        call(channels, calls.get(number), next);
                    } catch (RuntimeException refused) {
                        if (failed.getAndIncrement() == 0) {
                            System.err.println("first failure: " + refused);
                        }
                    } finally {
                        latencies[number] = System.nanoTime() - from;
                        callers.release();
                    }
                });
            }
        }
        Figures figures =
                new Figures(
                        latencies,
                        failed.get(),
                        (System.nanoTime() - started) / 1e9,
                        ProcessFigures.cpuMicros(List.of(pid)) - cpu,
                        ProcessFigures.cpuMicros(others) - otherCpu,
                        Figures.difference(before, ThreadFigures.nanos(pid)));
        if (!name.isEmpty()) {
            System.out.print(figures.lines(name, f, !others.isEmpty()));
        }
        return figures;
    }

    private void call(
            List<ManagedChannel> channels, IssueCertificateRequest request, AtomicLong next) {
        boolean own = channels.isEmpty();
        ManagedChannel channel =
                own ? channel() : channels.get((int) (next.getAndIncrement() % channels.size()));
        try {
            IssuanceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .issueCertificate(request);
        } finally {
            if (own) {
                channel.shutdownNow();
            }
        }
    }

    private ManagedChannel channel() {
        // The window that agents use: fixed, so that no pings are part of a call.
        return NettyChannelBuilder.forTarget(server)
                .sslContext(tls)
                .flowControlWindow(1024 * 1024)
                .build();
    }

    private SslContext tls(SvidVerifier verifier) throws SSLException {
        return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .trustManager(
                        new ExpectedPeer(verifier, WellKnownIds.caServer(bootstrap.trustDomain())))
                .build();
    }

    /** How often this disk makes 4 KiB durable. */
    private static double syncs(Path folder) throws IOException {
        Path file = folder.resolve("fdatasync.probe");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(4096);
            long started = System.nanoTime();
            int count = 0;
            while (System.nanoTime() - started < 1_000_000_000L) {
                page.rewind();
                channel.write(page, (count % 256) * 4096L);
                channel.force(false);
                count++;
            }
            return count / ((System.nanoTime() - started) / 1e9);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** What one measurement saw. */
    private record Figures(
            long[] latencies,
            int failed,
            double seconds,
            long cpu,
            long otherCpu,
            Map<Part, Long> parts) {
        Figures {
            Arrays.sort(latencies);
        }

        static Map<Part, Long> difference(Map<Part, Long> before, Map<Part, Long> after) {
            after.replaceAll((part, nanos) -> nanos - before.getOrDefault(part, 0L));
            return after;
        }

        double rate() {
            return latencies.length / seconds;
        }

        double each() {
            return (double) cpu / latencies.length;
        }

        double compilerShare() {
            double all = parts.values().stream().mapToLong(Long::longValue).sum();
            return parts.getOrDefault(Part.COMPILER, 0L) / all;
        }

        String lines(String name, double f, boolean database) {
            double each = each();
            StringBuilder text = new StringBuilder();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-20s  %,8.0f /s   %,7.0f µs CPU each = %4.2f F   p50 %5.1f ms  p99"
                                    + " %5.1f ms   failed %d%s%n%22s",
                            name,
                            rate(),
                            each,
                            each / f,
                            latencies[latencies.length / 2] / 1e6,
                            latencies[(int) (latencies.length * 0.99)] / 1e6,
                            failed,
                            database
                                    ? String.format(
                                            Locale.ROOT,
                                            "   database %,.0f µs each",
                                            (double) otherCpu / latencies.length)
                                    : "",
                            "of it, µs:"));
            parts.forEach((part, nanos) ->
                    text.append(
                            String.format(
                                    Locale.ROOT,
                                    "  %s %.0f",
                                    part.label(),
                                    nanos / 1e3 / latencies.length)));
            return text.append(System.lineSeparator()).toString();
        }
    }
}
