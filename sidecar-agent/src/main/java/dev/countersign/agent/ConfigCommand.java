package dev.countersign.agent;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at configuration files. */
@Command(
        name = "config",
        description = "Look at a configuration.",
        subcommands = ConfigCommand.Check.class)
final class ConfigCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: check");
    }

    /** Says everything that is wrong, or what is in force. */
    @Command(
            name = "check",
            description = "Print every problem of a configuration, or what would be in force.")
    static final class Check implements Callable<Integer> {
        @Spec private CommandSpec spec = CommandSpec.create();

        @Option(names = "--config", required = true, description = "YAML file")
        private Path config = Path.of("");

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            try {
                AgentConfig.Loaded loaded = AgentConfig.load(config, System.getenv());
                out.println("good: " + config);
                out.print(loaded.rendered());
                return CommandLineRunner.OK;
            } catch (ConfigRefused e) {
                spec.commandLine().getErr().println(e.getMessage());
                return CommandLineRunner.FAILED;
            }
        }
    }
}
