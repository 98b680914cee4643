package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.testing.HeldPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir Path directory;

    @Test
    void aGoodConfigurationIsGoodAndABadOneIsRefused() throws IOException {
        Path good = directory.resolve("good.yaml");
        Path bad = directory.resolve("bad.yaml");
        Files.writeString(
                good,
                """
                trustDomain: example.org
                ca: { address: "ca:1" }
                bootstrap: { file: b, tokenFile: t }
                """);
        Files.writeString(bad, "trustDomain: example.org\n");

        assertThat(Main.execute("config", "check", "--config", good.toString()))
                .isEqualTo(CommandLineRunner.OK);
        assertThat(Main.execute("config", "check", "--config", bad.toString()))
                .isEqualTo(CommandLineRunner.FAILED);
        assertThat(Main.execute("run", "--config", bad.toString()))
                .isEqualTo(CommandLineRunner.FAILED);
    }

    @Test
    void aMissingOrUnknownCommandIsAUsageError() {
        assertThat(Main.execute()).isEqualTo(CommandLineRunner.USAGE);
        assertThat(Main.execute("config")).isEqualTo(CommandLineRunner.USAGE);
        assertThat(Main.execute("fly")).isEqualTo(CommandLineRunner.USAGE);
        assertThat(Main.execute("run")).isEqualTo(CommandLineRunner.USAGE);
        assertThat(Main.execute("--version")).isEqualTo(CommandLineRunner.OK);
    }

    @Test
    void statusOfAnAgentThatIsNotThereFails() {
        try (HeldPort nobody = HeldPort.open()) {
            assertThat(Main.execute("status", "--ops", "127.0.0.1:" + nobody.number()))
                    .isEqualTo(CommandLineRunner.FAILED);
        }
    }
}
