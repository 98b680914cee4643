package dev.countersign.agent.lifecycle;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes that this one can see, as proc(5) tells of them; what has ended is not there. */
final class ProcessTable {
    /** TASK_COMM_LEN without its end. */
    static final int MAX_COMMAND = 15;

    private static final String NUMBER = "[0-9]*";

    private final Path proc;

    /**
     * @param proc {@code /proc}
     */
    ProcessTable(Path proc) {
        this.proc = proc;
    }

    /**
     * A process that has not ended.
     *
     * @param start in ticks since the machine's: with the number, it tells a process from the next
     */
    record Entry(long pid, String command, long start, String cgroup) {}

    /** Without this process itself. */
    List<Entry> others() {
        String own = text(proc.resolve("self/stat")).orElse("").split(" ", -1)[0];
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(proc, NUMBER)) {
            for (Path one : all) {
                if (!one.getFileName().toString().equals(own)) {
                    read(one).ifPresent(entries::add);
                }
            }
        } catch (IOException unreadable) {
            return List.of();
        }
        return entries;
    }

    Optional<Entry> entry(long pid) {
        return read(proc.resolve(Long.toString(pid)));
    }

    String ownCgroup() {
        return text(proc.resolve("self/cgroup")).orElse("");
    }

    /** Empty when it ended meanwhile, or is ended and not yet waited for. */
    private static Optional<Entry> read(Path directory) {
        Optional<String> stat = text(directory.resolve("stat"));
        if (stat.isEmpty()) {
            return Optional.empty();
        }
        int open = stat.get().indexOf('(');
        int close = stat.get().lastIndexOf(')');
        String[] fields = stat.get().substring(close + 2).strip().split(" ", -1);
        if (open < 0 || close < open || fields.length < 20 || isEnded(fields[0])) {
            return Optional.empty();
        }
        return Optional.of(
                new Entry(
                        Long.parseLong(directory.getFileName().toString()),
                        stat.get().substring(open + 1, close),
                        Long.parseLong(fields[19]),
                        text(directory.resolve("cgroup")).orElse("")));
    }

    private static boolean isEnded(String state) {
        return state.equals("Z") || state.equals("X");
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
