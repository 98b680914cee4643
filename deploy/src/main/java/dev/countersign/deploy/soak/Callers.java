package dev.countersign.deploy.soak;

import dev.countersign.deploy.quickstart.Exchange;
import dev.countersign.deploy.quickstart.Exchange.Answer;
import dev.countersign.deploy.quickstart.Workloads;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ask orders without a pause: web, which policy always lets in, and guest, which it sometimes does. Each
 * through its own agent's listener, in plain HTTP; web also by gRPC, a call a message, and over
 * connections of TCP and streams of gRPC that stay open.
 */
final class Callers implements AutoCloseable {
    private static final long PAUSE_MILLIS = 5;
    private static final int OF_WEB = 3;
    private static final int DENIED = 403;
    private static final long PATIENCE_SECONDS = 6;

    private final Exchange exchange;
    private final Workloads cast;
    private final Outages outages;
    private final GuestRule guest;
    private final Findings findings;
    private final ManagedChannel channel;
    private final List<Talker> talkers;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong excused = new AtomicLong();
    private final AtomicLong denied = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();

    Callers(
            Exchange exchange,
            Workloads cast,
            Outages outages,
            Outages rotations,
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
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", cast.web().outboundRpc())
                        .usePlaintext()
                        .build();
        for (int i = 0; i < OF_WEB; i++) {
            threads.add(Thread.ofVirtual().name("rpc-" + i).start(() -> repeat(this::callAsWeb)));
        }
        talkers =
                List.of(
                        talker("tcp", () -> TcpLine.open(cast.web().outboundTcp()), rotations),
                        talker("grpc stream", () -> RpcLine.open(channel), rotations));
        talkers.forEach(one -> threads.add(Thread.ofVirtual().name(one.name()).start(one)));
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

    /** Messages that came back over connections that stay. */
    long heard() {
        return talkers.stream().mapToLong(Talker::heard).sum();
    }

    List<Talker> talkers() {
        return talkers;
    }

    @Override
    public void close() throws InterruptedException {
        running.set(false);
        for (Thread thread : threads) {
            thread.join();
        }
        channel.shutdownNow();
    }

    private Talker talker(String name, Talker.Dialer dialer, Outages rotations) {
        return new Talker(name, dialer, outages, rotations, findings, running);
    }

    private void callAsWeb() {
        byte[] said = Long.toString(System.nanoTime()).getBytes(StandardCharsets.UTF_8);
        long from = System.nanoTime();
        try {
            byte[] heard =
                    ClientCalls.blockingUnaryCall(
                            channel,
                            EchoService.SAY,
                            CallOptions.DEFAULT
                                    .withWaitForReady()
                                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS),
                            said);
            served.incrementAndGet();
            if (!Arrays.equals(heard, said)) {
                findings.add("web heard something else than it had said, by gRPC");
            }
        } catch (StatusRuntimeException failed) {
            if (outages.excuse(from, System.nanoTime())) {
                excused.incrementAndGet();
            } else {
                findings.add("web was allowed and got " + failed.getStatus() + ", by gRPC");
            }
            // Who is back is to be found at once, and not when a client's patience says so.
            channel.resetConnectBackoff();
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
