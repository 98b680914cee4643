package dev.countersign.agent;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.Logging;
import dev.countersign.runtime.Termination;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent as a process: runs until it is told to end; SIGTERM or SIGINT drain first. */
final class AgentProcess {
    private static final Logger LOG = LoggerFactory.getLogger(AgentProcess.class);

    private AgentProcess() {}

    /** Returns the exit code, after the end. */
    static int run(Path config) throws Exception {
        InstantSource clock = InstantSource.system();
        Instant processStart =
                ProcessHandle.current().info().startInstant().orElseGet(clock::instant);
        AgentConfig settings = AgentConfig.load(config, System.getenv()).config();
        Logging.configure(settings.logFormat(), settings.logLevel());
        Agent agent = Agent.start(settings, clock, processStart);
        Termination termination = Termination.watch();
        LOG.atInfo()
                .addKeyValue("ops", agent.opsPort())
                .addKeyValue("listeners", agent.listeners())
                .log("serving");
        termination.await();
        agent.drain();
        agent.close();
        return CommandLineRunner.OK;
    }
}
