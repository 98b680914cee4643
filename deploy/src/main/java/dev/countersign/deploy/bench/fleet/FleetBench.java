package dev.countersign.deploy.bench.fleet;

import dev.countersign.agent.ca.CaAddress;
import dev.countersign.agent.ca.CaChannels;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.deploy.bench.AdminCalls;
import dev.countersign.deploy.bench.ProcessFigures;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleDecoder;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.ChangeStandbyRootRequest;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Drives a server for {@code deploy/bench/fleet}: thousands of light agents get certificates,
 * subscribe, are told of new policies and new bundles, and all renew at once, first over new connections and then over
 * open ones, while others come for their first certificate.
 */
public final class FleetBench {
    /** Loopback addresses of the server: a pair of addresses has too few ports for all. */
    private static final int ADDRESSES = 8;

    /** Agents that ask for a certificate at once: what the server keeps waiting, not what it sheds. */
    private static final int AT_ONCE = 256;

    private static final int PUSHES = 5;

    /** Until the code of both processes is compiled: a server serves its fleet for days. */
    private static final int FIRST_PUSHES = 12;

    private static final int WAIT_SECONDS = 120;
    private static final int PROBE_MILLIS = 50;
    private static final int REAL = 20;

    private final Path work;
    private final long pid;
    private final int count;
    private final Bootstrap bootstrap;
    private final LocalIssuer issuer;
    private final Map<String, TrustBundle> decoded = new ConcurrentHashMap<>();
    private final List<CaChannels> channels = new ArrayList<>();
    private final SvidVerifier verifier;
    private final List<LightAgent> agents = new ArrayList<>();
    private final AdminServiceGrpc.AdminServiceBlockingStub admin;
    private final RealAgents real;
    private final AtomicInteger newcomer = new AtomicInteger(1_000_000);

    private FleetBench(int port, Path work, long pid, int count) throws Exception {
        this.work = work;
        this.pid = pid;
        this.count = count;
        bootstrap = BootstrapFile.parse(Files.readString(work.resolve("bootstrap.json")));
        issuer = new IssuerKeyFile(work.resolve("issuer.jwk")).open(InstantSource.system());
        real = new RealAgents(work, port, issuer);
        verifier = new SvidVerifier(keeper(), InstantSource.system());
        admin = AdminCalls.over(work.resolve("data/admin.sock"));
        EventLoops loops =
                new EventLoops(
                        new MultiThreadIoEventLoopGroup(
                                2,
                                new DefaultThreadFactory("fleet-io", true),
                                EpollIoHandler.newFactory()),
                        EpollSocketChannel.class);
        for (int i = 0; i < ADDRESSES; i++) {
            channels.add(
                    new CaChannels(
                            new CaAddress(
                                    "127.0.0." + (i + 1),
                                    port,
                                    WellKnownIds.caServer(bootstrap.trustDomain())),
                            verifier,
                            DenyList.EMPTY,
                            new RootCounter(InstantSource.system()),
                            loops));
        }
    }

    /** Arguments: port, folder (bootstrap file, issuer key, policies), server pid, agents. */
    public static void main(String[] arguments) throws Exception {
        FleetBench bench =
                new FleetBench(
                        Integer.parseInt(arguments[0]),
                        Path.of(arguments[1]),
                        Long.parseLong(arguments[2]),
                        Integer.parseInt(arguments[3]));
        bench.run();
        System.exit(0);
    }

    private void run() throws Exception {
        for (int i = 0; i < count; i++) {
            agents.add(
                    new LightAgent("agent-" + i, channels.get(i % ADDRESSES), verifier, keeper()));
        }
        List<Credentials> first = credentials();
        all("first certificates", i -> agents.get(i).enroll(first.get(i)));
        long before = ProcessFigures.residentKib(pid);
        long heapBefore = liveHeapKib();
        subscribe();
        System.out.printf(
                Locale.ROOT,
                "server memory         an agent with an open stream: %.1f KiB of heap, %.1f KiB"
                        + " resident; %,d KiB resident in all%n",
                (liveHeapKib() - heapBefore) / (double) count,
                (ProcessFigures.residentKib(pid) - before) / (double) count,
                ProcessFigures.residentKib(pid));
        real.start(REAL);
        push(new News("policy to acknowledged", this::policy, LightAgent::acknowledgedRevision));
        push(new News("bundle to acknowledged", this::bundle, LightAgent::acknowledgedEpoch));
        List<Credentials> second = credentials();
        renewals("all renew, new conn.", i -> agents.get(i).enroll(second.get(i)));
        List<Credentials> third = credentials();
        renewals("all renew, open conn.", i -> agents.get(i).renew(third.get(i)));
        complain();
    }

    private List<Credentials> credentials() {
        return IntStream.range(0, count)
                .parallel()
                .mapToObj(i -> Credentials.make(issuer, i))
                .toList();
    }

    private void subscribe() throws Exception {
        long started = System.nanoTime();
        each(i -> agents.get(i).subscribe());
        System.out.printf(
                Locale.ROOT,
                "subscribed            %,d agents in %.1f s, each with a connection of its own%n",
                count,
                (System.nanoTime() - started) / 1e9);
    }

    /** What is told to all, and how an agent says that it has it. */
    private record News(String name, Telling telling, ToLongFunction<LightAgent> has) {}

    /** Tells all something new; the time counts from the moment it returns. */
    private interface Telling {
        long from(int round) throws Exception;
    }

    /** What all must know changes; timed until each has believed and acknowledged it. */
    private void push(News news) throws Exception {
        long[] all = new long[count * PUSHES];
        double[] last = new double[PUSHES];
        double slowestReal = 0;
        long cpu = 0;
        long own = 0;
        for (int push = 0; push < FIRST_PUSHES + PUSHES; push++) {
            int round = push - FIRST_PUSHES;
            long[] seen = agents.stream().mapToLong(news.has()).toArray();
            long epoch = real.epoch();
            long cpuBefore = ProcessFigures.cpuMicros(List.of(pid));
            long ownBefore = ProcessFigures.cpuMicros(List.of(ProcessHandle.current().pid()));
            long started = news.telling().from(push);
            awaitNewer(seen, news.has());
            if (round < 0) {
                continue;
            }
            cpu += ProcessFigures.cpuMicros(List.of(pid)) - cpuBefore;
            own += ProcessFigures.cpuMicros(List.of(ProcessHandle.current().pid())) - ownBefore;
            if (agents.getFirst().acknowledgedEpoch() > epoch) {
                double took = (real.awaitNewerThan(epoch) - started) / 1e6;
                slowestReal = Math.max(slowestReal, took);
            }
            for (int i = 0; i < count; i++) {
                long took = agents.get(i).acknowledgedAt() - started;
                all[round * count + i] = took;
                last[round] = Math.max(last[round], took / 1e6);
            }
        }
        Arrays.sort(all);
        System.out.printf(
                Locale.ROOT,
                "%-22s p50 %.0f ms  p99 %.0f ms, the last of %,d after %.0f ms"
                        + " (worst of %d)   CPU an agent: server %.0f µs, bench %.0f µs%n",
                news.name(),
                all[all.length / 2] / 1e6,
                all[(int) (all.length * 0.99)] / 1e6,
                count,
                Arrays.stream(last).max().orElse(0),
                PUSHES,
                (double) cpu / PUSHES / count,
                (double) own / PUSHES / count);
        if (slowestReal > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "%22s %d real agents beside: all had loaded it after %.0f ms at most%n",
                    "",
                    REAL,
                    slowestReal);
        }
    }

    private long policy(int round) throws IOException {
        Path written = write(round);
        long started = System.nanoTime();
        Files.move(
                written,
                work.resolve("policies/fleet.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        return started;
    }

    /** A step of rotations: a further root comes into the bundle, and leaves it again. */
    private long bundle(int round) {
        long started = System.nanoTime();
        admin.changeStandbyRoot(
                ChangeStandbyRootRequest.newBuilder().setAdd(round % 2 == 0).build());
        return started;
    }

    private void awaitNewer(long[] seen, ToLongFunction<LightAgent> has)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        for (int i = 0; i < count; i++) {
            while (has.applyAsLong(agents.get(i)) <= seen[i]) {
                if (System.nanoTime() > deadline || agents.get(i).problem().isPresent()) {
                    throw new IllegalStateException(
                            "agent " + i + " acknowledged nothing: " + agents.get(i).problem());
                }
                Thread.sleep(1);
            }
        }
    }

    private Path write(int round) throws IOException {
        return Files.writeString(
                work.resolve("fleet.yaml"),
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: fleet, namespace: fleet}
                spec:
                  action: ALLOW
                  rules:
                  - from: [{source: {principals: [example.org/ns/shop/sa/web]}}]
                    to: [{operation: {methods: [GET], paths: [/round-%d]}}]
                """
                        .formatted(round));
    }

    /** All renew as fast as the server lets them; others come for their first certificate meanwhile. */
    private void renewals(String name, ForAgent what) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Long> waits = new ArrayList<>();
        AtomicReference<String> starved = new AtomicReference<>("");
        Thread newcomers = Thread.ofPlatform().start(() -> firstTimers(over, waits, starved));
        try {
            all(name, what);
        } finally {
            over.set(true);
            newcomers.join();
        }
        long[] sorted = waits.stream().mapToLong(Long::longValue).sorted().toArray();
        if (sorted.length > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "%22s %d first certificates meanwhile: p50 %.0f ms, slowest %.0f ms%s%n",
                    "",
                    sorted.length,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[sorted.length - 1] / 1e6,
                    starved.get());
        }
    }

    private void firstTimers(
            AtomicBoolean over, List<Long> waits, AtomicReference<String> starved) {
        List<Credentials> made =
                IntStream.range(0, 20)
                        .mapToObj(i -> Credentials.make(issuer, newcomer.getAndIncrement()))
                        .toList();
        int next = 0;
        while (!over.get() && next < made.size()) {
            LightAgent agent = new LightAgent("newcomer", channels.getFirst(), verifier, keeper());
            long started = System.nanoTime();
            try {
                agent.enroll(made.get(next));
                waits.add(System.nanoTime() - started);
                Thread.sleep(PROBE_MILLIS);
            } catch (Exception refused) {
                starved.set("   REFUSED: " + refused.getMessage());
            }
            next++;
        }
    }

    private void all(String name, ForAgent what) throws Exception {
        long cpu = ProcessFigures.cpuMicros(List.of(pid));
        long started = System.nanoTime();
        int failed = each(what);
        System.out.printf(
                Locale.ROOT,
                "%-21s %,d in %.1f s, %d failed   server %.0f µs CPU each%n",
                name,
                count,
                (System.nanoTime() - started) / 1e9,
                failed,
                (double) (ProcessFigures.cpuMicros(List.of(pid)) - cpu) / count);
    }

    /** What each agent does. */
    private interface ForAgent {
        void run(int agent) throws Exception;
    }

    /** Says for how many it failed. */
    private int each(ForAgent what) throws InterruptedException {
        AtomicInteger failed = new AtomicInteger();
        Semaphore room = new Semaphore(AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                int agent = i;
                room.acquire();
                threads.execute(() -> {
                    try {
                        what.run(agent);
                    } catch (Exception problem) {
                        if (failed.getAndIncrement() == 0) {
                            System.err.println("first failure: " + problem);
                        }
                    } finally {
                        room.release();
                    }
                });
            }
        }
        return failed.get();
    }

    private void complain() {
        List<String> problems =
                agents.stream().flatMap(agent -> agent.problem().stream()).distinct().toList();
        if (!problems.isEmpty()) {
            System.out.println("streams that ended    " + problems);
        }
    }

    private long liveHeapKib() throws Exception {
        Process collected =
                new ProcessBuilder(jcmd(), Long.toString(pid), "GC.run")
                        .redirectErrorStream(true)
                        .start();
        collected.getInputStream().readAllBytes();
        collected.waitFor();
        Process asked =
                new ProcessBuilder(jcmd(), Long.toString(pid), "GC.heap_info")
                        .redirectErrorStream(true)
                        .start();
        String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        asked.waitFor();
        return text.lines()
                .filter(line -> line.matches("\\s*(DefNew|Tenured) .*used [0-9]+K.*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*used ([0-9]+)K.*", "$1")))
                .sum();
    }

    private static String jcmd() {
        return Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    }

    /** Of one agent; what bundles say is read once for all, their signatures are checked by each. */
    private BundleKeeper keeper() {
        BundleDecoder shared =
                payload -> {
                    String key = KeyIds.sha256(payload);
                    TrustBundle known = decoded.get(key);
                    if (known == null) {
                        known = BundleCodec.decode(payload);
                        decoded.put(key, known);
                    }
                    return known;
                };
        return new BundleKeeper(bootstrap, InstantSource.system(), shared);
    }
}
