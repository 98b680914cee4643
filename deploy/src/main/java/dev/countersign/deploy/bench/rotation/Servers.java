package dev.countersign.deploy.bench.rotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Servers as processes, so that they can be killed: one folder and one configuration file each. */
final class Servers {
    private final String program;
    private final List<Path> configurations;
    private final List<Process> processes = new ArrayList<>();

    /**
     * @param program the launcher
     * @param configurations of servers that share a database and keys
     */
    Servers(String program, List<Path> configurations) {
        this.program = program;
        this.configurations = List.copyOf(configurations);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> processes.forEach(Process::destroyForcibly)));
    }

    int count() {
        return configurations.size();
    }

    void start() {
        configurations.forEach(configuration -> processes.add(launch(configuration)));
    }

    /** SIGKILL, and another process of the same configuration after a while. */
    void killAndReplace(int server, long secondsUntil) {
        Process killed = processes.get(server);
        killed.destroyForcibly();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        killed.waitFor();
                        TimeUnit.SECONDS.sleep(secondsUntil);
                        processes.set(server, launch(configurations.get(server)));
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private Process launch(Path configuration) {
        try {
            return new ProcessBuilder(
                            program, "server", "run", "--config", configuration.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(
                                    configuration.resolveSibling("server.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
