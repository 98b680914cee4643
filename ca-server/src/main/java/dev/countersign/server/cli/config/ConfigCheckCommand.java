package dev.countersign.server.cli.config;

import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.cli.CommandFailed;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code countersign config check}. */
@Command(
        name = "check",
        description =
                "Reads a configuration as the server would: prints what is in force, or every"
                        + " problem at once.")
public final class ConfigCheckCommand implements Callable<Integer> {
    /** Reads a configuration and renders what is in force; the wiring knows how. */
    @FunctionalInterface
    public interface Check {
        String render(Path file) throws ConfigRefused;
    }

    private final Check check;

    @Parameters(paramLabel = "FILE", description = "The configuration.")
    Path file = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    public ConfigCheckCommand(Check check) {
        this.check = check;
    }

    @Override
    public Integer call() {
        try {
            String inForce = check.render(file);
            spec.commandLine().getOut().print(inForce);
            spec.commandLine().getOut().println("good: " + file);
            spec.commandLine().getOut().flush();
            return 0;
        } catch (ConfigRefused refused) {
            throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
        }
    }
}
