package dev.countersign.agent;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.Logging;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/** The agent as a process: runs until it is told to end; SIGTERM or SIGINT drain first. */
final class AgentProcess {
    private AgentProcess() {}

    /** Returns the exit code, after the end. */
    static int run(Path config) throws Exception {
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
