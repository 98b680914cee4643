package dev.countersign.runtime;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/**
 * Runs one task that needs no command line library, with the exit codes and messages of {@link
 * CommandLineRunner}: what runs for long should not carry the memory of what read its arguments.
 */
public final class PlainRunner {
    /** Set to see stack traces. */
    private static final String DEBUG = "COUNTERSIGN_DEBUG";

    private PlainRunner() {}

    /** The task's exit code, or 1 after its fault was said on standard error. */
    public static int run(Callable<Integer> task) {
        try {
            return task.call();
        } catch (Exception fault) {
            PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
            return failed(fault, err);
        }
    }

    static int failed(Exception fault, PrintWriter err) {
        if (System.getenv(DEBUG) != null) {
            fault.printStackTrace(err);
        }
        err.println("error: " + (fault.getMessage() == null ? fault : fault.getMessage()));
        return CommandLineRunner.FAILED;
    }
}
