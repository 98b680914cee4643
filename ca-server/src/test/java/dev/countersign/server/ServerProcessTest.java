package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.testing.RunningServer;
import dev.countersign.testing.ChildJvm;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process of its own. */
class ServerProcessTest {
    @TempDir Path folder;

    @Test
    void toldToEndItDrainsSaysSoInItsLogAndEndsWithZero() throws Exception {
        InstantSource clock = InstantSource.system();
        RunningServer.prepare(folder, clock);
        try (ChildJvm server =
                ChildJvm.start(
                        Main.class,
                        "server",
                        "run",
                        "--config",
                        RunningServer.configFile(folder).toString())) {
            server.awaitLine("\"serving\"");

            server.signal("TERM");

            assertThat(server.exitCode()).as(server.printed().toString()).isZero();
        }
        try (RunningServer again = RunningServer.start(folder, clock)) {
            assertThat(again.log("SERVER_STOPPED")).hasSize(1);
        }
    }
}
