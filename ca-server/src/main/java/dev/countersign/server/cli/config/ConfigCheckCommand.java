package dev.countersign.server.cli.config;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.ServerConfigReader;
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
final class ConfigCheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The configuration.")
    Path file = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        try {
            ConfigReader reader = ConfigReader.load(file, System.getenv());
            ServerConfigReader.read(reader);
            spec.commandLine().getOut().print(reader.render());
            spec.commandLine().getOut().println("good: " + file);
            spec.commandLine().getOut().flush();
            return 0;
        } catch (ConfigRefused refused) {
            throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
        }
    }
}
