package dev.countersign.server.cli.policy;

import java.io.PrintWriter;
import java.util.Locale;

/** Says on the error stream how far long work is; nothing of work that ends within two seconds. */
final class Progress {

    private static final long EVERY_NANOS = 2_000_000_000L;

    private final PrintWriter err;
    private final String what;
    private final int all;
    private final long begin = System.nanoTime();
    private long said = begin;
    private int done;

    Progress(PrintWriter err, String what, int all) {
        this.err = err;
        this.what = what;
        this.all = all;
    }

    /** So many more are done. */
    synchronized void done(int more) {
        done += more;
        long now = System.nanoTime();
        if (now - said >= EVERY_NANOS) {
            said = now;
            err.println(done + " of " + all + " " + what + ", " + time());
            err.flush();
        }
    }

    /** Since it began. */
    String time() {
        long nanos = System.nanoTime() - begin;
        return nanos < 1_000_000_000L
                ? nanos / 1_000_000 + " ms"
                : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
