package dev.countersign.deploy.quickstart;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Child processes: started with a log file each, stopped in reverse, none left behind. */
final class Processes implements AutoCloseable {
    private static final long GRACE_SECONDS = 5;

    /** One child. */
    record Child(String name, Process process, Path log) {
        /** The end of its log, for a person who wonders why it did not start. */
        String lastWords() {
            try {
                List<String> lines = Files.readAllLines(log);
                return String.join(
                        "\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
            } catch (IOException unreadable) {
                return "(no log: " + unreadable + ")";
            }
        }
    }

    private final Path logs;
    private final List<Child> children = new ArrayList<>();

    Processes(Path logs) {
        this.logs = logs;
    }

    Child start(String name, List<String> command) throws IOException {
        return start(name, command, Map.of());
    }

    synchronized Child start(String name, List<String> command, Map<String, String> environment)
            throws IOException {
        Path log = logs.resolve(name + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().putAll(environment);
        Process process = builder.start();
        Child child = new Child(name, process, log);
        children.add(child);
        return child;
    }

    @Override
    public synchronized void close() {
        for (Child child : children.reversed()) {
            child.process().destroy();
        }
        for (Child child : children.reversed()) {
            try {
                if (!child.process().waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                    child.process().destroyForcibly().waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
                }
            } catch (InterruptedException stopped) {
                child.process().destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        children.clear();
    }
}
