package dev.countersign.deploy.bench;

import com.google.protobuf.ByteString;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.server.cli.ExpectedServer;
import dev.countersign.server.x509.KeyAndRequest;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;

/**
 * Drives a server for {@code deploy/bench/issuance}: every request has a key of its own, tokens are
 * checked anew, one request a call. Arguments: host:port, bootstrap file, issuer key, server pid,
 * microseconds of F, other pids to account separately (the database).
 */
public final class IssuanceLoad {
    private static final int KEYS_PER_TOKEN = 16;
    private static final int CONNECTIONS = 8;
    private static final int CALLERS = 48;
    private static final int WARM_UP = 30_000;
    private static final int MEASURED = 20_000;
    private static final int NEW_CONNECTIONS = 2_500;
    private static final int PACED_SECONDS = 5;

    private final String server;
    private final SvidVerifier verifier;
    private final Bootstrap bootstrap;
    private final LocalIssuer issuer;
    private final List<Long> pid;
    private final List<Long> others;
    private final double f;

    private IssuanceLoad(String[] arguments) throws Exception {
        InstantSource clock = InstantSource.system();
        server = arguments[0];
        bootstrap = BootstrapFile.parse(Files.readString(Path.of(arguments[1])));
        verifier = new SvidVerifier(new BundleKeeper(bootstrap, clock, BundleCodec::decode), clock);
        issuer = new IssuerKeyFile(Path.of(arguments[2])).open(clock);
        pid = List.of(Long.parseLong(arguments[3]));
        f = Double.parseDouble(arguments[4]);
        others = Arrays.stream(arguments).skip(5).map(Long::parseLong).toList();
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("fdatasync")) {
            System.out.printf(
                    Locale.ROOT, "fdatasync             %,8.0f /s%n", syncs(Path.of(arguments[1])));
            return;
        }
        new IssuanceLoad(arguments).run();
    }

    private void run() throws Exception {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            channels.add(channel());
        }
        List<IssueCertificateRequest> requests = requests(WARM_UP + MEASURED, "warm");
        measure("warm-up", channels, requests.subList(0, WARM_UP), 0);
        double capacity =
                measure(
                        "warm connection",
                        channels,
                        requests.subList(WARM_UP, WARM_UP + MEASURED),
                        0);
        double half = capacity / 2;
        List<IssueCertificateRequest> paced = requests((int) (half * PACED_SECONDS), "paced");
        measure("half of capacity", channels, paced, half);
        channels.forEach(ManagedChannel::shutdownNow);
        List<IssueCertificateRequest> fresh = requests(NEW_CONNECTIONS * 2, "fresh");
        measure("warm-up", List.of(), fresh.subList(0, NEW_CONNECTIONS), 0);
        measure("new connection each", List.of(), fresh.subList(NEW_CONNECTIONS, fresh.size()), 0);
        System.out.printf(
                Locale.ROOT,
                "server memory         %,8d KiB resident%n",
                ProcessFigures.residentKib(pid.getFirst()));
        System.exit(0);
    }

    /** Runs all; {@code rate} 0 = as fast as the callers go. Returns certificates a second. */
    private double measure(
            String name,
            List<ManagedChannel> channels,
            List<IssueCertificateRequest> requests,
            double rate)
            throws Exception {
        long[] latencies = new long[requests.size()];
        AtomicInteger failed = new AtomicInteger();
        AtomicLong next = new AtomicLong();
        long cpu = ProcessFigures.cpuMicros(pid);
        long otherCpu = ProcessFigures.cpuMicros(others);
        long started = System.nanoTime();
        Semaphore callers = new Semaphore(rate > 0 ? requests.size() : CALLERS);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < requests.size(); i++) {
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
                        call(channels, requests.get(number), next);
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
        double seconds = (System.nanoTime() - started) / 1e9;
        report(
                name,
                latencies,
                failed.get(),
                seconds,
                ProcessFigures.cpuMicros(pid) - cpu,
                ProcessFigures.cpuMicros(others) - otherCpu);
        return requests.size() / seconds;
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

    private void report(
            String name, long[] latencies, int failed, double seconds, long cpu, long otherCpu) {
        Arrays.sort(latencies);
        double each = (double) cpu / latencies.length;
        System.out.printf(
                Locale.ROOT,
                "%-20s  %,8.0f /s   %,7.0f µs CPU each = %4.2f F   p50 %5.1f ms  p99 %5.1f ms"
                        + "   failed %d%s%n",
                name,
                latencies.length / seconds,
                each,
                each / f,
                latencies[latencies.length / 2] / 1e6,
                latencies[(int) (latencies.length * 0.99)] / 1e6,
                failed,
                others.isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "   database %,.0f µs each",
                                (double) otherCpu / latencies.length));
    }

    private List<IssueCertificateRequest> requests(int count, String prefix) {
        List<IssueCertificateRequest> requests = new ArrayList<>(count);
        String token = "";
        for (int i = 0; i < count; i++) {
            if (i % KEYS_PER_TOKEN == 0) {
                int pod = i / KEYS_PER_TOKEN;
                token =
                        issuer.mint(
                                        TokenRequest.of(
                                                new ServiceAccountName(
                                                        "bench", "account-" + pod % 64),
                                                prefix + "-" + pod))
                                .reveal();
            }
            requests.add(
                    IssueCertificateRequest.newBuilder()
                            .setProtocolVersion(1)
                            .setToken(token)
                            .setCsr(ByteString.copyFrom(KeyAndRequest.make().request()))
                            .build());
        }
        return requests;
    }

    private ManagedChannel channel() {
        try {
            return NettyChannelBuilder.forTarget(server)
                    .sslContext(
                            GrpcSslContexts.configure(
                                            SslContextBuilder.forClient(), SslProvider.OPENSSL)
                                    .protocols("TLSv1.3")
                                    .trustManager(
                                            new ExpectedServer(
                                                    verifier,
                                                    WellKnownIds.caServer(bootstrap.trustDomain())))
                                    .build())
                    .build();
        } catch (SSLException fault) {
            throw new IllegalStateException(fault);
        }
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
}
