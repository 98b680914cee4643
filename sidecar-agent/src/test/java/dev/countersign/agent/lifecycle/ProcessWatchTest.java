package dev.countersign.agent.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir Path proc;
    private long now;

    @BeforeEach
    void theAgentItself() throws IOException {
        process(7, "java", "S", 70, "/agent");
        Files.createSymbolicLink(proc.resolve("self"), proc.resolve("7"));
        process(1, "pause", "S", 10, "/pause");
    }

    @Test
    void theApplicationsEndIsOverOnlyAfterItWasSeenAndGoneForAWhile() throws IOException {
        ProcessWatch watch = watch("others");
        assertThat(watch.over()).as("not started yet").isFalse();
        process(20, "report", "R", 200, "/app");
        assertThat(watch.over()).isFalse();

        process(20, "report", "Z", 200, "/app");

        assertThat(watch.over()).as("may be restarted").isFalse();
        later(4);
        assertThat(watch.over()).isFalse();
        later(1);
        assertThat(watch.over()).isTrue();
    }

    @Test
    void aRestartInTimeIsNoEnd() throws IOException {
        ProcessWatch watch = watch("command:report");
        process(20, "report", "R", 200, "/app");
        watch.over();
        process(20, "report", "X", 200, "/app");
        watch.over();
        later(4);
        process(21, "report", "S", 300, "/app");
        assertThat(watch.over()).isFalse();
        later(10);
        assertThat(watch.over()).isFalse();
    }

    @Test
    void aNameIsLookedForAsTheKernelCutsItAndNeverInTheAgentItself() throws IOException {
        ProcessWatch java = watch("command:java");
        java.over();
        later(10);
        assertThat(java.over()).as("never seen").isFalse();

        process(20, "odd) name of 15", "S", 200, "/app");
        ProcessWatch named = watch("command:odd) name of 15 bytes and more");
        assertThat(named.over()).isFalse();
        process(20, "odd) name of 15", "Z", 200, "/app");
        named.over();
        later(5);
        assertThat(named.over()).isTrue();
    }

    @Test
    void aNumberGivenToAnotherProcessIsNotTheOneThatWasMeant() throws IOException {
        ProcessWatch watch = watch("pid:20");
        process(20, "report", "R", 200, "/app");
        assertThat(watch.over()).isFalse();

        process(20, "stranger", "R", 999, "/app");

        watch.over();
        later(5);
        assertThat(watch.over()).isTrue();
    }

    @Test
    void aRealProcessIsSeenToEnd() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "600").start();
        ProcessWatch watch =
                new ProcessWatch(
                        ExitWith.parse("pid:" + sleeper.pid()),
                        Duration.ZERO,
                        Path.of("/proc"),
                        System::nanoTime);
        assertThat(watch.over()).isFalse();
        sleeper.destroyForcibly();
        await().until(watch::over);
    }

    @Test
    void whatIsNotASyntaxIsRefused() {
        for (String text : new String[] {"", "pid:", "pid:x", "command:", "other"}) {
            assertThatThrownBy(() -> ExitWith.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(ExitWith.parse("never")).isEqualTo(new ExitWith.Never());
    }

    private void later(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    private ProcessWatch watch(String text) {
        return new ProcessWatch(ExitWith.parse(text), PATIENCE, proc, () -> now);
    }

    private void process(long pid, String command, String state, long start, String cgroup)
            throws IOException {
        Path directory = Files.createDirectories(proc.resolve(Long.toString(pid)));
        StringBuilder stat = new StringBuilder();
        stat.append(pid).append(" (").append(command).append(") ").append(state);
        for (int field = 4; field < 22; field++) {
            stat.append(" 0");
        }
        stat.append(' ').append(start).append(" 0 0 0\n");
        Files.writeString(directory.resolve("stat"), stat);
        Files.writeString(directory.resolve("cgroup"), "0::" + cgroup + "\n");
    }
}
