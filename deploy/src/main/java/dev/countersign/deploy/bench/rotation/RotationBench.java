package dev.countersign.deploy.bench.rotation;

import dev.countersign.deploy.bench.AdminCalls;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One whole rotation of the root while all callers ask all callees, each phase timed; with what goes
 * wrong in each phase, where that is asked for.
 */
public final class RotationBench {
    private static final int WAIT_SECONDS = 120;
    private static final int SETTLE_SECONDS = 10;
    private static final int PARTITION_SECONDS = 30;
    private static final int REPLACED_AFTER_SECONDS = 3;
    private static final Duration CLOCK_OFF = Duration.ofSeconds(90);

    /** What goes wrong. */
    private enum Fault {
        NONE,
        /** In each phase one server is killed, and replaced after some seconds. */
        KILL,
        /** In each phase one agent cannot reach its server for half a minute. */
        PARTITION,
        /** The clock of one caller is ahead, that of one callee behind. */
        CLOCK
    }

    private final Mesh mesh;
    private final Servers servers;
    private final List<Integer> ports;
    private final List<AdminServiceGrpc.AdminServiceBlockingStub> admins;
    private final int pairs;
    private final double perSecond;
    private final Fault fault;
    private final Tally tally = new Tally();
    private Optional<CuttableLink> link = Optional.empty();
    private int killed;

    private RotationBench(
            Path work, Servers servers, List<Integer> ports, int pairs, double rate, Fault fault)
            throws Exception {
        this.mesh = new Mesh(work);
        this.servers = servers;
        this.ports = ports;
        this.admins =
                ports.stream()
                        .map(port -> AdminCalls.over(work.resolve("s" + port + "/data/admin.sock")))
                        .toList();
        this.pairs = pairs;
        this.perSecond = rate;
        this.fault = fault;
    }

    /**
     * Arguments: launcher, folder (issuer key, bootstrap file, a folder {@code sPORT} for each server
     * with its {@code server.yaml}), ports of the servers by comma, pairs, requests a second, fault.
     */
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments[1]);
        List<Integer> ports =
                List.of(arguments[2].split(",", -1)).stream().map(Integer::valueOf).toList();
        Servers servers =
                new Servers(
                        arguments[0],
                        ports.stream()
                                .map(port -> work.resolve("s" + port + "/server.yaml"))
                                .toList());
        RotationBench bench =
                new RotationBench(
                        work,
                        servers,
                        ports,
                        Integer.parseInt(arguments[3]),
                        Double.parseDouble(arguments[4]),
                        Fault.valueOf(arguments[5].toUpperCase(Locale.ROOT)));
        System.exit(bench.run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        servers.start();
        agents();
        List<PacedCaller> callers = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            PacedCaller caller = new PacedCaller(mesh.ports(i), perSecond / pairs, tally);
            callers.add(caller);
            Thread.ofVirtual().start(caller);
        }
        warm();
        rotate();
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        callers.forEach(PacedCaller::stop);
        System.out.printf(
                Locale.ROOT,
                "in all                %,d requests, %d failed%n",
                tally.asked(),
                tally.failed());
        tally.failures().forEach((why, count) -> System.out.println("  " + count + " × " + why));
        return tally.failed() == 0;
    }

    private void agents() throws Exception {
        String all = String.join(",", ports.stream().map(port -> "127.0.0.1:" + port).toList());
        InstantSource clock = InstantSource.system();
        for (int i = 0; i < pairs; i++) {
            boolean odd = fault == Fault.CLOCK && i == 0;
            mesh.addCallee(all, odd ? InstantSource.offset(clock, CLOCK_OFF.negated()) : clock);
        }
        for (int i = 0; i < pairs; i++) {
            boolean odd = fault == Fault.CLOCK && i == 0;
            mesh.addCaller(
                    fault == Fault.PARTITION && i == 0 ? cuttable() : all,
                    odd ? InstantSource.offset(clock, CLOCK_OFF) : clock);
        }
    }

    private String cuttable() throws IOException {
        CuttableLink made = new CuttableLink(ports.getFirst());
        link = Optional.of(made);
        return "127.0.0.1:" + made.port();
    }

    /** Until all pairs have got on for a while; what failed until then is not counted. */
    private void warm() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        long failed;
        do {
            failed = tally.failed();
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS / 2);
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the mesh does not settle: " + tally.failures());
            }
        } while (tally.failed() > failed || tally.asked() == 0);
        tally.begin();
    }

    private void rotate() throws InterruptedException {
        admins.getFirst().beginRotation(BeginRotationRequest.getDefaultInstance());
        long began = System.nanoTime();
        String phase = "";
        long since = began;
        long askedBefore = tally.asked();
        long failuresBefore = tally.failed();
        while (!phase.equals("STABLE")) {
            TimeUnit.MILLISECONDS.sleep(50);
            Optional<String> now = phase();
            if (now.isEmpty() || now.get().equals(phase)) {
                continue;
            }
            if (!phase.isEmpty()) {
                print(phase, since, askedBefore, failuresBefore);
            }
            phase = now.get();
            since = System.nanoTime();
            askedBefore = tally.asked();
            failuresBefore = tally.failed();
            if (!phase.equals("STABLE")) {
                goesWrong();
            }
        }
        System.out.printf(
                Locale.ROOT,
                "rotation              %.1f s from order to end%n",
                (System.nanoTime() - began) / 1e9);
    }

    /** Of any server that answers. */
    private Optional<String> phase() {
        for (AdminServiceGrpc.AdminServiceBlockingStub admin : admins) {
            try {
                GetRotationResponse status =
                        admin.withDeadlineAfter(5, TimeUnit.SECONDS)
                                .getRotation(GetRotationRequest.getDefaultInstance());
                return Optional.of(status.getPhase());
            } catch (StatusRuntimeException away) {
                // The next one.
            }
        }
        return Optional.empty();
    }

    private void goesWrong() {
        switch (fault) {
            case NONE, CLOCK -> {}
            case KILL -> servers.killAndReplace(killed++ % servers.count(), REPLACED_AFTER_SECONDS);
            case PARTITION -> Thread.ofVirtual().start(this::partition);
        }
    }

    private void partition() {
        try {
            CuttableLink cut = link.orElseThrow();
            cut.cut();
            TimeUnit.SECONDS.sleep(PARTITION_SECONDS);
            cut.mend();
        } catch (IOException | InterruptedException e) {
            System.err.println("partition: " + e);
        }
    }

    private void print(String phase, long since, long askedBefore, long failuresBefore) {
        System.out.printf(
                Locale.ROOT,
                "%-21s %6.1f s   %,d requests, %d failed, slowest %.0f ms%n",
                phase,
                (System.nanoTime() - since) / 1e9,
                tally.asked() - askedBefore,
                tally.failed() - failuresBefore,
                tally.slowestMillis());
    }
}
