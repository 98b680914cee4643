package dev.countersign.agent.lifecycle;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Looks whether those have ended whose end is the agent's. They must have been seen first: an agent
 * usually starts before the application. Used by one thread.
 */
public final class ProcessWatch {
    private static final int HOLDER_OF_NAMESPACE = 1;

    private final ExitWith whom;
    private final Duration patience;
    private final ProcessTable processes;
    private final LongSupplier nanoTime;
    private boolean seen;
    private OptionalLong startOfPid = OptionalLong.empty();
    private OptionalLong goneSince = OptionalLong.empty();

    /**
     * @param patience how long they must be gone: a container that is restarted is gone for a while
     * @param proc {@code /proc}
     * @param nanoTime {@link System#nanoTime}
     */
    public ProcessWatch(ExitWith whom, Duration patience, Path proc, LongSupplier nanoTime) {
        this.whom = whom;
        this.patience = patience;
        this.processes = new ProcessTable(proc);
        this.nanoTime = nanoTime;
    }

    /** Whether it is over; to be asked about once a second. */
    public boolean over() {
        boolean there =
                switch (whom) {
                    case ExitWith.Never never -> false;
                    case ExitWith.Pid pid -> isThere(pid.number());
                    case ExitWith.Command command ->
                            processes.others().stream()
                                    .anyMatch(one -> one.command().equals(command.name()));
                    case ExitWith.Others others -> othersAreThere();
                };
        if (there) {
            seen = true;
            goneSince = OptionalLong.empty();
            return false;
        }
        if (!seen) {
            return false;
        }
        long now = nanoTime.getAsLong();
        if (goneSince.isEmpty()) {
            goneSince = OptionalLong.of(now);
        }
        return now - goneSince.getAsLong() >= patience.toNanos();
    }

    /** The number may be given to another process. */
    private boolean isThere(long pid) {
        OptionalLong start =
                processes
                        .entry(pid)
                        .map(one -> OptionalLong.of(one.start()))
                        .orElse(OptionalLong.empty());
        if (startOfPid.isEmpty()) {
            startOfPid = start;
        }
        return start.isPresent() && start.equals(startOfPid);
    }

    private boolean othersAreThere() {
        String own = processes.ownCgroup();
        return processes.others().stream()
                .anyMatch(one -> one.pid() != HOLDER_OF_NAMESPACE && !one.cgroup().equals(own));
    }
}
