package dev.countersign.server;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens by the clock: each task on one thread, and a task that fails is tried again. */
final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private final ScheduledExecutorService scheduler =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("upkeep").factory());

    void every(long millis, String name, Runnable task) {
        scheduler.scheduleWithFixedDelay(
                () -> run(name, task), millis, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }

    private static void run(String name, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException failed) {
            log.atWarn()
                    .addKeyValue("task", name)
                    .addKeyValue("cause", failed.toString())
                    .log("upkeep failed, will be tried again");
        }
    }
}
