package dev.countersign.deploy.quickstart;

import java.io.PrintStream;
import java.util.Locale;

/** What appears. Observations that failed are remembered for the exit code. */
final class Screen {
    private static final int NAME = 12;
    private static final int TEXT = 62;

    private final PrintStream out;
    private int failures;

    Screen(PrintStream out) {
        this.out = out;
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    /** A step of the set-up, with how long it took. */
    void step(String name, String text, long startedNanos) {
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        out.printf(Locale.ROOT, "  %-" + NAME + "s %-" + TEXT + "s %5.1f s%n", name, text, seconds);
        out.flush();
    }

    void heading(String text) {
        out.println();
        line(text);
    }

    /** Something that was expected and, if {@code seen}, observed. */
    void observed(boolean seen, String text) {
        if (!seen) {
            failures++;
        }
        line((seen ? "   " : " ✗ ") + text);
    }

    int failures() {
        return failures;
    }
}
