package dev.countersign.deploy.bench;

import dev.countersign.policy.Request;
import dev.countersign.trust.VerifiedPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Drives a server for {@code deploy/bench/policy-change}: from the moment a policy file is renamed
 * into place until each of many agents decides by it. Every change turns what all of them decide.
 */
public final class PolicyFleet {
    private static final int WARM_UP = 2;
    private static final int CHANGES = 10;
    private static final int WAIT_SECONDS = 60;

    /** Between two changes, and a random part on top: not in step with anything that ticks. */
    private static final int PAUSE_MILLIS = 1_000;

    private final Path work;
    private final long pid;
    private final SecureRandom random = new SecureRandom();
    private final List<SimulatedAgent> agents;

    private PolicyFleet(List<SimulatedAgent> agents, Path work, long pid) {
        this.agents = agents;
        this.work = work;
        this.pid = pid;
    }

    /** Arguments: host:port, folder (bootstrap file, issuer key, policies), server pid, agents. */
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments[1]);
        PolicyFleet fleet =
                new PolicyFleet(
                        Fleet.start(
                                arguments[0],
                                work,
                                Integer.parseInt(arguments[3]),
                                new SecureRandom()),
                        work,
                        Long.parseLong(arguments[2]));
        fleet.measure();
        System.exit(0);
    }

    private void measure() throws Exception {
        VerifiedPeer caller = agents.getFirst().asPeer();
        Request request =
                Request.http()
                        .sourcePrincipal(caller.id().toString())
                        .port(8080)
                        .method("GET")
                        .path("/fleet")
                        .build();
        AtomicLongArray flips = new AtomicLongArray(agents.size());
        CountDownLatch[] left = {new CountDownLatch(0)};
        for (int i = 0; i < agents.size(); i++) {
            int number = i;
            agents.get(i)
                    .watch(
                            caller,
                            request,
                            at -> {
                                flips.set(number, at);
                                left[0].countDown();
                            });
        }
        require(false, caller, request);
        long[] all = new long[agents.size() * CHANGES];
        double[] last = new double[CHANGES];
        long cpu = 0;
        for (int change = 0; change < WARM_UP + CHANGES; change++) {
            Thread.sleep(PAUSE_MILLIS + random.nextInt(PAUSE_MILLIS));
            boolean allow = change % 2 == 0;
            Path written = write(caller, allow);
            left[0] = new CountDownLatch(agents.size());
            long cpuBefore = ProcessFigures.cpuMicros(List.of(pid));
            long renamed = System.nanoTime();
            Files.move(
                    written,
                    work.resolve("policies/fleet.yaml"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            if (!left[0].await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        left[0].getCount() + " agents never enforced change " + change);
            }
            if (change < WARM_UP) {
                require(allow, caller, request);
                continue;
            }
            int round = change - WARM_UP;
            cpu += ProcessFigures.cpuMicros(List.of(pid)) - cpuBefore;
            for (int i = 0; i < agents.size(); i++) {
                long took = flips.get(i) - renamed;
                all[round * agents.size() + i] = took;
                last[round] = Math.max(last[round], took / 1e6);
                if (agents.get(i).allowed() != allow) {
                    throw new IllegalStateException("agent " + i + " decides otherwise");
                }
            }
        }
        require(false, caller, request);
        print(all, last, cpu);
    }

    /** Every agent decides a new request so. */
    private void require(boolean allow, VerifiedPeer caller, Request request) {
        for (SimulatedAgent agent : agents) {
            if (agent.decides(caller, request) != allow) {
                throw new IllegalStateException("an agent decides wrongly, expected: " + allow);
            }
        }
    }

    /** Beside the policies' folder: only the rename is an event there. */
    private Path write(VerifiedPeer caller, boolean allow) throws Exception {
        String principal = caller.id().trustDomain().name() + caller.id().path();
        return Files.writeString(
                work.resolve("fleet.yaml"),
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: fleet, namespace: fleet}
                spec:
                  action: ALLOW
                  rules:
                  - from: [{source: {principals: [%s]}}]
                    to: [{operation: {methods: [GET], paths: [%s]}}]
                """
                        .formatted(principal, allow ? "/fleet" : "/other"));
    }

    private void print(long[] all, double[] last, long cpu) throws Exception {
        Arrays.sort(all);
        System.out.printf(
                Locale.ROOT,
                "apply to enforced     p50 %.0f ms  p99 %.0f ms  max %.0f ms   (%d agents × %d"
                        + " changes, after %d not counted)%n",
                all[all.length / 2] / 1e6,
                all[(int) (all.length * 0.99)] / 1e6,
                all[all.length - 1] / 1e6,
                agents.size(),
                CHANGES,
                WARM_UP);
        System.out.printf(
                Locale.ROOT,
                "all had it after      %s ms%n",
                String.join(
                        " ",
                        Arrays.stream(last)
                                .mapToObj(ms -> String.format(Locale.ROOT, "%.0f", ms))
                                .toList()));
        System.out.printf(
                Locale.ROOT,
                "server                %.0f ms CPU a change until all had it, %,d KiB resident%n",
                cpu / 1e3 / CHANGES,
                ProcessFigures.residentKib(pid));
    }
}
