package dev.countersign.agent;

import dev.countersign.agent.lifecycle.ExitWith;
import dev.countersign.agent.lifecycle.ProcessWatch;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.Logging;
import dev.countersign.runtime.Termination;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent as a process: runs until it is told to end; SIGTERM or SIGINT drain first. */
final class AgentProcess {
    private static final Path PROC = Path.of("/proc");
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(AgentProcess.class);

    private AgentProcess() {}

    /** Returns the exit code, after the end. */
    static int run(Path config) throws Exception {
        InstantSource clock = InstantSource.system();
        Instant processStart =
                ProcessHandle.current().info().startInstant().orElseGet(clock::instant);
        AgentConfig.Loaded loaded = AgentConfig.load(config, System.getenv());
        AgentConfig settings = loaded.config();
        Logging.configure(settings.logFormat(), settings.logLevel());
        CompletableFuture<Termination> termination = new CompletableFuture<>();
        Agent agent =
                Agent.start(
                        loaded,
                        clock,
                        processStart,
                        () -> termination.thenAccept(Termination::ask));
        termination.complete(Termination.watch());
        LOG.atInfo()
                .addKeyValue("ops", agent.opsPort())
                .addKeyValue("listeners", agent.listeners())
                .log("serving");
        awaitEnd(termination.join(), settings.operations());
        agent.drain();
        agent.close();
        return CommandLineRunner.OK;
    }

    private static void awaitEnd(Termination termination, OperationsConfig operations)
            throws InterruptedException {
        if (operations.exitWith() instanceof ExitWith.Never) {
            termination.await();
            return;
        }
        ProcessWatch watch =
                new ProcessWatch(
                        operations.exitWith(), operations.exitAfter(), PROC, System::nanoTime);
        while (!termination.await(LOOK)) {
            if (watch.over()) {
                LOG.atInfo()
                        .addKeyValue("exitWith", operations.exitWith())
                        .log("the application has ended");
                return;
            }
        }
    }
}
