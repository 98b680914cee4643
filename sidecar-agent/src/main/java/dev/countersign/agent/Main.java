package dev.countersign.agent;

import dev.countersign.agent.cli.StatusCommand;
import dev.countersign.runtime.CommandLineRunner;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code countersign-agent}: the process beside a workload, and the commands to look at it. */
@Command(
        name = "countersign-agent",
        description = "Holds a workload's identity, speaks mTLS for it, enforces policy.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.VersionText.class,
        subcommands = {
            RunCommand.class,
            StatusCommand.class,
            ConfigCommand.class,
            AotTrainCommand.class
        })
public final class Main implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(CommandLineRunner.run(new Main(), arguments));
    }

    /** The same without ending the process. */
    static int execute(String... arguments) {
        return CommandLineRunner.run(new Main(), arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"countersign-agent " + Version.text()};
        }
    }
}
