package dev.countersign.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel says of a process: proc(5). */
public final class ProcessFigures {
    /** USER_HZ; 100 on every Linux that a JDK runs on. */
    private static final long TICKS_A_SECOND = 100;

    private ProcessFigures() {}

    /** User and system time of these processes, microseconds. */
    public static long cpuMicros(List<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks * (1_000_000 / TICKS_A_SECOND);
    }

    /** Resident memory, KiB. */
    public static long residentKib(long pid) throws IOException {
        return value(Path.of("/proc/" + pid + "/status"), "VmRSS:");
    }

    /** Proportional share of resident memory, KiB. */
    static long proportionalKib(long pid) throws IOException {
        return value(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss:");
    }

    private static long value(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(-1);
    }
}
