package dev.countersign.deploy.bench.rotation;

import dev.countersign.deploy.bench.AdminCalls;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
    private static final int PAUSE_SECONDS = 20;
    private static final Duration CLOCK_OFF = Duration.ofSeconds(90);

    /** What goes wrong. */
    private enum Fault {
        NONE,
        /** In each phase one server is killed, as long as another one is there, and started anew. */
        KILL,
        /**
         * In each phase another agent cannot reach its server for half a minute: the one whose
         * certificate ends last, for with lives of a minute not every one outlasts that.
         */
        PARTITION,
        /** In each phase one server is paused, and goes on in the middle of the next. */
        PAUSE,
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

    /** Of the callers, by their number. */
    private final List<CuttableLink> links = new ArrayList<>();

    private volatile String now = "";
    private long newest;

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
     * with its {@code server.yaml}), {@code PORT:OPS} of the servers by comma, pairs, requests a
     * second, fault.
     */
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments[1]);
        List<String> places = List.of(arguments[2].split(",", -1));
        List<Integer> ports = places.stream().map(place -> number(place, 0)).toList();
        Servers servers =
                new Servers(
                        arguments[0],
                        ports.stream()
                                .map(port -> work.resolve("s" + port + "/server.yaml"))
                                .toList(),
                        places.stream().map(place -> number(place, 1)).toList());
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

    private static int number(String place, int index) {
        return Integer.parseInt(place.split(":", -1)[index]);
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
                    fault == Fault.PARTITION ? cuttable() : all,
                    odd ? InstantSource.offset(clock, CLOCK_OFF) : clock);
        }
    }

    private String cuttable() throws IOException {
        CuttableLink made = new CuttableLink(ports.getFirst());
        links.add(made);
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
            this.now = phase;
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

    /** By the newest word of those that answer: one that was just started may not know it yet. */
    private Optional<String> phase() {
        Optional<String> phase = Optional.empty();
        for (AdminServiceGrpc.AdminServiceBlockingStub admin : admins) {
            try {
                // Its server may have come back: no waiting for the next try.
                ((ManagedChannel) admin.getChannel()).resetConnectBackoff();
                GetRotationResponse status =
                        admin.withDeadlineAfter(2, TimeUnit.SECONDS)
                                .getRotation(GetRotationRequest.getDefaultInstance());
                if (status.getBundleEpoch() >= newest) {
                    newest = status.getBundleEpoch();
                    phase = Optional.of(status.getPhase());
                }
            } catch (StatusRuntimeException away) {
                // The next one.
            }
        }
        return phase;
    }

    private void goesWrong() {
        switch (fault) {
            case NONE, CLOCK -> {}
            case KILL -> Thread.ofVirtual().start(this::kill);
            case PAUSE -> Thread.ofVirtual().start(this::pause);
            case PARTITION -> Thread.ofVirtual().start(this::partition);
        }
    }

    /** The phase may end before another server is back that could carry on alone. */
    private void kill() {
        String phase = now;
        try {
            boolean done = false;
            while (!done && phase.equals(now)) {
                done = servers.killOne();
                TimeUnit.MILLISECONDS.sleep(100);
            }
            System.out.printf(
                    "%-21s %s%n",
                    "", done ? "a server killed in " + phase : "no server killed in " + phase);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Paused before a phase changes, back after it has: whatever it does then is late. */
    private void pause() {
        String phase = now;
        try {
            if (!servers.pauseOne()) {
                return;
            }
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PAUSE_SECONDS);
            while (phase.equals(now) && System.nanoTime() < until) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            TimeUnit.SECONDS.sleep(1);
            String later = now;
            servers.resume();
            System.out.printf("%-21s a server paused in %s went on in %s%n", "", phase, later);
        } catch (IOException | InterruptedException e) {
            System.err.println("pause: " + e);
        }
    }

    private void partition() {
        try {
            String phase = now;
            int caller = lastsLongest();
            CuttableLink link = links.get(caller);
            link.cut();
            System.out.printf(
                    "%-21s caller %d cut off for %d s from %s on%n",
                    "", caller, PARTITION_SECONDS, phase);
            TimeUnit.SECONDS.sleep(PARTITION_SECONDS);
            link.mend();
        } catch (IOException | InterruptedException e) {
            System.err.println("partition: " + e);
        }
    }

    private int lastsLongest() throws IOException {
        int found = -1;
        Instant latest = Instant.EPOCH;
        for (int i = 0; i < links.size(); i++) {
            Instant ends = mesh.certificateEnds(i);
            if (!links.get(i).isCut() && ends.isAfter(latest)) {
                found = i;
                latest = ends;
            }
        }
        return found;
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
