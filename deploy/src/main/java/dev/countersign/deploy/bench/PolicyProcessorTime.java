package dev.countersign.deploy.bench;

import com.sun.management.ThreadMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.IntSupplier;

/**
 * The same decisions and changes as {@link PolicyDecisions} and {@link PolicyChanges} have, in
 * processor time of their thread: for a machine on which other things run, where the time on the
 * wall says nothing.
 */
final class PolicyProcessorTime {

    private static final int ROUNDS = 12;
    private static final int DECISIONS = 300_000;
    private static final int CHANGES = 250;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final PrintStream out;
    private long used;

    PolicyProcessorTime(PrintStream out) {
        this.out = out;
    }

    void decisions() {
        out.printf("%n%-14s %8s %9s %13s%n", "decide", "rules", "best", "allocated");
        for (PolicyDecisions.Asked asked : PolicyDecisions.Asked.values()) {
            for (int rules : new int[] {0, 100, 1_000, 10_000}) {
                if (rules > 0 || asked != PolicyDecisions.Asked.HTTP_DENY) {
                    decision(asked, rules);
                }
            }
        }
    }

    void changes() {
        PolicyChanges changes = new PolicyChanges();
        changes.rules = 10_000;
        changes.compile();
        out.printf("%n%-14s %8s %9s %9s%n", "compile", "rules", "mean", "best");
        print("compileAll", CHANGES / 10, () -> (int) changes.compileAll().revision());
        print("changeOne", CHANGES, () -> (int) changes.changeOne().revision());
        if (used == 0) {
            throw new IllegalStateException("nothing was decided");
        }
    }

    private void decision(PolicyDecisions.Asked asked, int rules) {
        PolicyDecisions decisions = new PolicyDecisions();
        decisions.rules = rules;
        decisions.asked = asked;
        decisions.compile();
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            best = Math.min(best, run(DECISIONS, decisions::decide));
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        run(DECISIONS, decisions::decide);
        double bytes = threads.getCurrentThreadAllocatedBytes() - before;
        out.printf(
                Locale.ROOT,
                "%-14s %8s %6.0f ns %8.1f B/op%n",
                asked,
                rules == 0 ? "typical" : rules,
                best / DECISIONS,
                bytes / DECISIONS);
    }

    /** The second half counts: the first warms up. */
    private void print(String name, int times, IntSupplier made) {
        run(times, made);
        double best = Double.MAX_VALUE;
        double sum = 0;
        for (int i = 0; i < times; i++) {
            double one = run(1, made);
            sum += one;
            best = Math.min(best, one);
        }
        out.printf(
                Locale.ROOT,
                "%-14s %8d %6.2f ms %6.2f ms%n",
                name,
                10_000,
                sum / times / 1e6,
                best / 1e6);
    }

    private double run(int times, IntSupplier what) {
        long started = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < times; i++) {
            used += what.getAsInt();
        }
        return threads.getCurrentThreadCpuTime() - started;
    }
}
