package dev.countersign.agent.cli;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Ends the agent as SIGTERM does: for Jobs, whose work is done. */
@Command(name = "quit", description = "Drain the agent, then end it with exit code 0.")
public final class QuitCommand extends ControlCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException, ConfigRefused {
        tell("POST /quit", "quitting: it drains first");
        return CommandLineRunner.OK;
    }
}
