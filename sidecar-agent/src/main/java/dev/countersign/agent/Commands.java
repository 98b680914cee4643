package dev.countersign.agent;

import dev.countersign.agent.cli.CheckCommand;
import dev.countersign.agent.cli.ConnectionsCommand;
import dev.countersign.agent.cli.DrainCommand;
import dev.countersign.agent.cli.LogLevelCommand;
import dev.countersign.agent.cli.QuitCommand;
import dev.countersign.agent.cli.RedirectCommand;
import dev.countersign.agent.cli.StatusCommand;
import dev.countersign.agent.cli.TapCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code countersign-agent}: all commands, and the help of them. */
@Command(
        name = "countersign-agent",
        description = "Holds a workload's identity, speaks mTLS for it, enforces policy.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Commands.VersionText.class,
        subcommands = {
            RunCommand.class,
            StatusCommand.class,
            ConnectionsCommand.class,
            TapCommand.class,
            LogLevelCommand.class,
            DrainCommand.class,
            QuitCommand.class,
            CheckCommand.class,
            RedirectCommand.class,
            ConfigCommand.class
        })
final class Commands implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    static final class VersionText implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"countersign-agent " + Version.text()};
        }
    }
}
