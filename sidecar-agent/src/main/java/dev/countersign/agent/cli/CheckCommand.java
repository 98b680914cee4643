package dev.countersign.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tries things as the agent would. */
@Command(
        name = "check",
        description = "Try something as the agent would.",
        subcommands = CheckTlsCommand.class)
public final class CheckCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what to check is missing: tls");
    }
}
