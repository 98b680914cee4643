package dev.countersign.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/** Which of a server's threads its processor time went to: schedstat of each, proc(5). */
final class ThreadFigures {
    private ThreadFigures() {}

    /** What a thread is there for, by its name as the kernel has it. */
    enum Part {
        /** Virtual threads: the ten steps and gRPC's side of a call. */
        CALLS("calls", "ForkJoinPool.*|VirtualThread.*"),
        /** Sockets, TLS, HTTP/2. */
        SOCKETS("sockets", "rpc-.*"),
        STORE("store writer", "store-writer"),
        COMPILER("compiler", "C[12] .*"),
        COLLECTOR("collector", "VM Thread|G[C1] .*"),
        OTHER("other", "");

        private final String label;
        private final String threads;

        Part(String label, String threads) {
            this.label = label;
            this.threads = threads;
        }

        String label() {
            return label;
        }

        private static Part of(String thread) {
            for (Part part : values()) {
                if (thread.matches(part.threads)) {
                    return part;
                }
            }
            return OTHER;
        }
    }

    /** Nanoseconds of every part so far; threads that ended do not count any more. */
    static Map<Part, Long> nanos(long pid) throws IOException {
        Map<Part, Long> nanos = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            nanos.put(part, 0L);
        }
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                try {
                    String name = Files.readString(task.resolve("comm")).strip();
                    String times = Files.readString(task.resolve("schedstat"));
                    nanos.merge(
                            Part.of(name),
                            Long.parseLong(times.substring(0, times.indexOf(' '))),
                            Long::sum);
                } catch (NoSuchFileException | NumberFormatException ended) {
                    // A thread that ended between the listing and the look.
                }
            }
        }
        return nanos;
    }
}
