package dev.countersign.server.cli.server;

import dev.countersign.server.cli.CommandFailed;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code countersign server run}. */
@Command(
        name = "run",
        description = "Runs a certificate authority until it is told to stop (SIGTERM, Ctrl-C).")
public final class ServerRunCommand implements Callable<Integer> {
    /** Runs a server to its end; the wiring knows how. */
    @FunctionalInterface
    public interface Run {
        /** Returns the exit code; throws when the server could not start. */
        int run(Path config) throws Exception;
    }

    private final Run run;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "YAML; `countersign config check FILE` explains it.")
    Path config = Path.of("");

    public ServerRunCommand(Run run) {
        this.run = run;
    }

    @Override
    public Integer call() throws Exception {
        try {
            return run.run(config);
        } catch (RuntimeException fault) {
            throw fault;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return 0;
        } catch (Exception refused) {
            throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
        }
    }
}
