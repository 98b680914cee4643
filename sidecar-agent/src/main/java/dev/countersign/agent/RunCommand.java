package dev.countersign.agent;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@link AgentProcess}, with help. */
@Command(name = "run", description = "Run the agent until SIGTERM, then drain.")
final class RunCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, description = "YAML file")
    private Path config = Path.of("");

    @Override
    public Integer call() throws Exception {
        return AgentProcess.run(config);
    }
}
