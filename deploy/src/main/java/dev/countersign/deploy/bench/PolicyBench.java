package dev.countersign.deploy.bench;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.WorkloadPolicies;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.Reference;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Prints one table of what policies cost: decisions, compiling, changes, memory. */
public final class PolicyBench {

    private static final int RULES = 10_000;

    private PolicyBench() {}

    /**
     * @param args {@code full} for long runs; {@code cpu} for short ones in processor time
     */
    public static void main(String[] args) throws RunnerException {
        boolean full = List.of(args).contains("full");
        PrintStream out = System.out;
        firstCompile(out);
        memory(); // the first look also counts what classes keep for themselves
        out.println(memory());
        if (List.of(args).contains("cpu")) {
            PolicyProcessorTime measure = new PolicyProcessorTime(out);
            measure.decisions();
            measure.changes();
            return;
        }

        out.printf("%n%-14s %8s %9s %9s %13s%n", "decide", "rules", "mean", "best", "allocated");
        for (RunResult result : run(PolicyDecisions.class, full)) {
            Result<?> time = result.getPrimaryResult();
            String rules = result.getParams().getParam("rules");
            String asked = result.getParams().getParam("asked");
            if (rules.equals("0") && asked.equals("HTTP_DENY")) {
                continue; // the typical set is asked three things
            }
            out.printf(
                    Locale.ROOT,
                    "%-14s %8s %6.0f ns %6.0f ns %8.1f B/op%n",
                    asked,
                    rules.equals("0") ? "typical" : rules,
                    time.getScore(),
                    time.getStatistics().getMin(),
                    allocated(result));
        }
        out.printf("%n%-14s %8s %9s %9s %13s%n", "compile", "rules", "mean", "best", "allocated");
        for (RunResult result : run(PolicyChanges.class, full)) {
            Result<?> time = result.getPrimaryResult();
            out.printf(
                    Locale.ROOT,
                    "%-14s %8s %6.2f ms %6.2f ms %7.1f MB/op%n",
                    result.getParams().getBenchmark().replaceAll(".*\\.", ""),
                    result.getParams().getParam("rules"),
                    time.getScore() / 1000,
                    time.getStatistics().getMin() / 1000,
                    allocated(result) / 1e6);
        }
    }

    private static Collection<RunResult> run(Class<?> benchmark, boolean full)
            throws RunnerException {
        int seconds = full ? 5 : 1;
        return new Runner(
                        new OptionsBuilder()
                                .include(benchmark.getName())
                                .addProfiler(GCProfiler.class)
                                .forks(full ? 3 : 1)
                                .warmupIterations(full ? 5 : 8)
                                .warmupTime(TimeValue.seconds(seconds))
                                .measurementIterations(full ? 5 : 4)
                                .measurementTime(TimeValue.seconds(seconds))
                                .jvmArgs(
                                        "-XX:+UseSerialGC",
                                        "-Xmx1g",
                                        "--sun-misc-unsafe-memory-access=allow")
                                .verbosity(VerboseMode.SILENT)
                                .build())
                .run();
    }

    /** In processor time: a JVM that just started is busy with itself. */
    private static void firstCompile(PrintStream out) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        List<AuthorizationPolicy> written = PolicySamples.many(RULES);
        long started = threads.getCurrentThreadCpuTime();
        long revision = compiled(written).revision();
        out.printf(
                Locale.ROOT,
                "first compile         %d rules, revision %d, in a JVM just started: %.0f ms%n",
                RULES,
                revision,
                (threads.getCurrentThreadCpuTime() - started) / 1e6);
    }

    /** What the policies as written take, and what is made of them takes beside. */
    private static String memory() {
        long before = used();
        List<AuthorizationPolicy> written = PolicySamples.many(RULES);
        long asWritten = used() - before;
        WorkloadPolicies made = compiled(written);
        try {
            long all = used() - before;
            return String.format(
                    Locale.ROOT,
                    "heap                  %d rules: %.1f MB = %.1f MB as written + %.1f MB"
                            + " compiled and indexed",
                    RULES,
                    all / 1e6,
                    asWritten / 1e6,
                    (all - asWritten) / 1e6);
        } finally {
            Reference.reachabilityFence(written);
            Reference.reachabilityFence(made);
        }
    }

    private static WorkloadPolicies compiled(List<AuthorizationPolicy> written) {
        return PolicySet.of(1, PolicySamples.MESH, written, Clock.systemUTC())
                .forWorkload(PolicySamples.ORDERS);
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static double allocated(RunResult result) {
        return result.getSecondaryResults().entrySet().stream()
                .filter(one -> one.getKey().endsWith("gc.alloc.rate.norm"))
                .mapToDouble(one -> one.getValue().getScore())
                .findFirst()
                .orElse(Double.NaN);
    }
}
