package dev.countersign.deploy.bench.rotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Servers as processes, so that they can be killed: one folder and one configuration file each. */
final class Servers {
    private static final int PROBE_MILLIS = 2_000;

    private final String program;
    private final List<Path> configurations;
    private final List<Integer> operations;
    private final List<Process> processes = new CopyOnWriteArrayList<>();
    private Optional<Process> paused = Optional.empty();
    private int next;

    /**
     * @param program the launcher
     * @param configurations of servers that share a database and keys
     * @param operations the port of each one's health
     */
    Servers(String program, List<Path> configurations, List<Integer> operations) {
        this.program = program;
        this.configurations = List.copyOf(configurations);
        this.operations = List.copyOf(operations);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> processes.forEach(Process::destroyForcibly)));
    }

    void start() {
        configurations.forEach(configuration -> processes.add(launch(configuration)));
    }

    /**
     * SIGKILL, and at once another process of the same configuration, as a supervisor would: one
     * after the other, and only while another one is ready.
     *
     * @return whether one was killed
     */
    synchronized boolean killOne() throws InterruptedException {
        List<Integer> ready = new ArrayList<>();
        for (int i = 0; i < processes.size(); i++) {
            int server = (next + i) % processes.size();
            if (isReady(server)) {
                ready.add(server);
            }
        }
        if (ready.size() < 2) {
            return false;
        }
        int server = ready.getFirst();
        Process killed = processes.get(server);
        killed.destroyForcibly();
        killed.waitFor();
        processes.set(server, launch(configurations.get(server)));
        next = server + 1;
        return true;
    }

    /**
     * SIGSTOP to the next one, while another one is ready and none is paused.
     *
     * @return whether one was paused
     */
    synchronized boolean pauseOne() throws IOException, InterruptedException {
        int server = next % processes.size();
        if (paused.isPresent() || !isReady(server) || !isReady((server + 1) % processes.size())) {
            return false;
        }
        next = server + 1;
        paused = Optional.of(processes.get(server));
        signal("STOP", processes.get(server));
        return true;
    }

    /** SIGCONT to the one that is paused. */
    synchronized void resume() throws IOException, InterruptedException {
        if (paused.isPresent()) {
            signal("CONT", paused.get());
            paused = Optional.empty();
        }
    }

    private static void signal(String name, Process process)
            throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    private boolean isReady(int server) {
        try {
            HttpURLConnection health =
                    (HttpURLConnection)
                            URI.create(
                                            "http://127.0.0.1:"
                                                    + operations.get(server)
                                                    + "/healthz/ready")
                                    .toURL()
                                    .openConnection();
            health.setConnectTimeout(PROBE_MILLIS);
            health.setReadTimeout(PROBE_MILLIS);
            boolean ready = health.getResponseCode() == HttpURLConnection.HTTP_OK;
            health.disconnect();
            return ready;
        } catch (IOException away) {
            return false;
        }
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
