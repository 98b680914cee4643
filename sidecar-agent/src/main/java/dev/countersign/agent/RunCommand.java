package dev.countersign.agent;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.Logging;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs until it is told to end: SIGTERM or SIGINT drain first. */
@Command(name = "run", description = "Run the agent until SIGTERM, then drain.")
final class RunCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, description = "YAML file")
    private Path config = Path.of("");

    @Override
    public Integer call() throws Exception {
        InstantSource clock = InstantSource.system();
        Instant processStart =
                ProcessHandle.current().info().startInstant().orElseGet(clock::instant);
        AgentConfig settings = AgentConfig.load(config, System.getenv()).config();
        Logging.configure(settings.logFormat(), settings.logLevel());
        Agent agent = Agent.start(settings, clock, processStart);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    agent.drain();
                                    agent.close();
                                    ended.countDown();
                                },
                                "shutdown"));
        ended.await();
        return CommandLineRunner.OK;
    }
}
