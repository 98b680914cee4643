package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testing.ChildJvm;
import dev.countersign.testing.HeldPort;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.Bootstrap;
import dev.countersign.wire.BootstrapFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own. */
class AgentProcessTest {
    @TempDir Path folder;

    @Test
    void toldToEndItEndsWithZeroThoughItNeverGotACertificate() throws Exception {
        TestAuthority authority = TestAuthority.create("example.org", MutableClock.create(), 1);
        Files.writeString(
                folder.resolve("bootstrap.json"),
                BootstrapFile.render(Bootstrap.from(authority.bundle())));
        try (HeldPort nobody = HeldPort.open()) {
            Path config =
                    Files.writeString(
                            folder.resolve("agent.yaml"),
                            """
                            trustDomain: example.org
                            ca: { address: "127.0.0.1:PORT" }
                            bootstrap: { file: bootstrap.json, tokenFile: token }
                            ops: { listen: "127.0.0.1:0" }
                            """
                                    .replace("PORT", Integer.toString(nobody.number())));
            try (ChildJvm agent =
                    ChildJvm.start(Main.class, "run", "--config", config.toString())) {
                agent.awaitLine("\"serving\"");

                agent.signal("TERM");

                assertThat(agent.exitCode()).as(agent.printed().toString()).isZero();
                assertThat(agent.printed()).anyMatch(line -> line.contains("draining"));
            }
        }
    }
}
