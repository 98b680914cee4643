package dev.countersign.agent.cli;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How much the agent logs, until it is told otherwise or ends. */
@Command(name = "log-level", description = "Change how much the running agent logs.")
public final class LogLevelCommand extends ControlCommand implements Callable<Integer> {
    @Parameters(paramLabel = "LEVEL", description = "error | warn | info | debug | trace")
    private String level = "";

    @Override
    public Integer call() throws IOException, ConfigRefused {
        tell(
                "POST /log-level?level=" + TapCommand.encoded(level),
                "logging " + level + " until the agent ends");
        return CommandLineRunner.OK;
    }
}
