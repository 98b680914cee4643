package dev.countersign.deploy.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.deploy.quickstart.Stage;
import dev.countersign.deploy.quickstart.Workloads.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What an agent holds: descriptors, threads, buffers, connections; and what its log says of leaks. */
final class Weights {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PROCESSES = Path.of("/proc");

    /** At one moment. */
    record Weight(int descriptors, int threads, long buffers, int accepted, int open) {}

    private final Stage stage;

    Weights(Stage stage) {
        this.stage = stage;
    }

    Weight of(Member member) throws IOException {
        Path process = PROCESSES.resolve(Long.toString(stage.pid(Stage.agent(member))));
        JsonNode stats = JSON.readTree(stage.exchange().get(member.ops(), "/stats").body());
        return new Weight(
                count(process.resolve("fd")),
                count(process.resolve("task")),
                stats.path("buffersInUse").asLong(),
                stats.path("acceptedSockets").asInt(),
                stats.path("openConnections").asInt());
    }

    /** Lines of the leak detector in an agent's log. */
    List<String> leaks(Member member) throws IOException {
        Path log = stage.home().resolve("logs").resolve(Stage.agent(member) + ".log");
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("LEAK:")).toList();
        }
    }

    private static int count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return Math.toIntExact(entries.count());
        }
    }
}
