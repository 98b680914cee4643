package dev.countersign.agent;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.PlainRunner;
import java.nio.file.Path;

/**
 * {@code countersign-agent}: the process beside a workload, and the commands to look at it.
 *
 * <p>The process itself is started without the command line library, which would stay in its memory
 * (2 to 3 MB) for as long as it runs; any other spelling of the same goes through {@link Commands}.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** The same without ending the process. */
    static int execute(String... arguments) {
        if (arguments.length == 3
                && arguments[0].equals("run")
                && arguments[1].equals("--config")) {
            return PlainRunner.run(() -> AgentProcess.run(Path.of(arguments[2])));
        }
        if (arguments.length == 1 && arguments[0].equals("aot-train")) {
            return PlainRunner.run(AotTraining::run);
        }
        return CommandLineRunner.run(new Commands(), arguments);
    }
}
