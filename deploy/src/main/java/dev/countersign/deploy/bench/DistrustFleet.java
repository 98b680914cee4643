package dev.countersign.deploy.bench;

import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.RevocationSubject;
import dev.countersign.wire.v1.RevokeRequest;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Drives a server for {@code deploy/bench/distrust}: from the call that revokes until the last
 * connection with the denied peer has closed, seen at its other end. Each agent holds one, in the
 * agent's own table of connections; TLS plays no part in closing and is left out. Those that are denied
 * are further agents: the denied lose their streams, and hold nothing.
 */
public final class DistrustFleet {
    /** Until the code of a thousand agents in one process is compiled. */
    private static final int WARM_UP = 8;

    private static final int ROUNDS = 10;
    private static final int WAIT_SECONDS = 60;

    private final SecureRandom random = new SecureRandom();
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ConcurrentLinkedQueue<Long> closes = new ConcurrentLinkedQueue<>();
    private final List<SimulatedAgent> agents;
    private final List<SimulatedAgent> victims;
    private final AdminServiceGrpc.AdminServiceBlockingStub admin;
    private final long pid;
    private volatile CountDownLatch left = new CountDownLatch(0);
    private volatile CountDownLatch opened = new CountDownLatch(0);

    private DistrustFleet(List<SimulatedAgent> all, Path adminSocket, long pid) {
        this.victims = all.subList(0, WARM_UP + ROUNDS);
        this.agents = all.subList(WARM_UP + ROUNDS, all.size());
        this.pid = pid;
        this.admin = AdminCalls.over(adminSocket);
    }

    /** Arguments: host:port, folder (bootstrap file, issuer key, data), server pid, agents. */
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments[1]);
        int count = Integer.parseInt(arguments[3]);
        List<SimulatedAgent> agents =
                Fleet.start(arguments[0], work, WARM_UP + ROUNDS + count, new SecureRandom());
        new DistrustFleet(agents, work.resolve("data/admin.sock"), Long.parseLong(arguments[2]))
                .measure();
        System.exit(0);
    }

    private void measure() throws Exception {
        Channel peers = peers();
        long[] all = new long[agents.size() * ROUNDS];
        double[] last = new double[ROUNDS];
        long cpu = 0;
        for (int round = 0; round < WARM_UP + ROUNDS; round++) {
            VerifiedPeer victim = victims.get(round).asPeer();
            connect(peers, victim);
            Thread.sleep(1_000 + random.nextInt(1_000));
            long cpuBefore = ProcessFigures.cpuMicros(List.of(pid));
            long[] took =
                    revoke(RevocationSubject.newBuilder().setIdentity(victim.id().toString()));
            if (round >= WARM_UP) {
                cpu += ProcessFigures.cpuMicros(List.of(pid)) - cpuBefore;
                System.arraycopy(took, 0, all, (round - WARM_UP) * agents.size(), agents.size());
                last[round - WARM_UP] = took[took.length - 1] / 1e6;
            }
        }
        print("deny → closed         ", all, last);
        System.out.printf(
                Locale.ROOT,
                "server                %.0f ms CPU an order until all had closed, %,d KiB"
                        + " resident%n",
                cpu / 1e3 / ROUNDS,
                ProcessFigures.residentKib(pid));
        distrust(peers, "distrust, the first   ");
        Thread.sleep(5_000);
        distrust(peers, "distrust → closed     ");
    }

    /**
     * The intermediate that all of them are under: everything closes, everybody renews. The first time also compiles
     * what a thousand agents in one process do at it.
     */
    private void distrust(Channel peers, String what) throws Exception {
        VerifiedPeer any = agents.getLast().asPeer();
        connect(peers, any);
        long started = System.nanoTime();
        long[] took = revoke(RevocationSubject.newBuilder().setIssuerKeyId(any.issuerKeyId()));
        print(what, took, new double[] {took[took.length - 1] / 1e6});
        int renewed = 0;
        int expected = agents.size();
        long deadline = started + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (renewed < expected && System.nanoTime() < deadline) {
            Thread.sleep(20);
            renewed = 0;
            for (SimulatedAgent agent : agents) {
                renewed += agent.isUnder(any.issuerKeyId()) ? 0 : 1;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "re-attested           %d of %d by token, under another intermediate, after %.1f"
                        + " s%n",
                renewed,
                expected,
                (System.nanoTime() - started) / 1e9);
    }

    private Channel peers() throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                opened.countDown();
                                channel.closeFuture()
                                        .addListener(closed -> {
                                            closes.add(System.nanoTime());
                                            left.countDown();
                                        });
                            }
                        })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /** One connection of each agent, with this peer as far as its table knows. */
    private void connect(Channel peers, VerifiedPeer victim) throws InterruptedException {
        opened = new CountDownLatch(agents.size());
        Bootstrap client =
                new Bootstrap()
                        .group(loops)
                        .channel(EpollSocketChannel.class)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        // Nothing is sent: it is there to be closed.
                                    }
                                });
        for (SimulatedAgent agent : agents) {
            agent.holds(client.connect(peers.localAddress()).sync().channel(), victim);
        }
        if (!opened.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(opened.getCount() + " connections never came");
        }
    }

    /** Nanoseconds from the call to each close, sorted. */
    private long[] revoke(RevocationSubject.Builder subject) throws InterruptedException {
        closes.clear();
        left = new CountDownLatch(agents.size());
        long called = System.nanoTime();
        admin.revoke(RevokeRequest.newBuilder().setSubject(subject).setReason("bench").build());
        if (!left.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(left.getCount() + " connections never closed");
        }
        long[] took = closes.stream().mapToLong(at -> at - called).toArray();
        Arrays.sort(took);
        return took;
    }

    private void print(String what, long[] all, double[] last) {
        Arrays.sort(all);
        System.out.printf(
                Locale.ROOT,
                "%sp50 %.0f ms  p99 %.0f ms  max %.0f ms   (%d agents × %d)%n",
                what,
                all[all.length / 2] / 1e6,
                all[(int) (all.length * 0.99)] / 1e6,
                all[all.length - 1] / 1e6,
                agents.size(),
                last.length);
        System.out.printf(
                Locale.ROOT,
                "last one closed after %s ms%n",
                String.join(
                        " ",
                        Arrays.stream(last)
                                .mapToObj(ms -> String.format(Locale.ROOT, "%.0f", ms))
                                .toList()));
    }
}
