package dev.countersign.agent.cli;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Takes the agent out of service without ending it. */
@Command(
        name = "drain",
        description = "Not ready, nothing new is let in, what is open may end; the agent stays.")
public final class DrainCommand extends ControlCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException, ConfigRefused {
        tell("POST /drain", "draining; it stays until it is told to quit (countersign-agent quit)");
        return CommandLineRunner.OK;
    }
}
