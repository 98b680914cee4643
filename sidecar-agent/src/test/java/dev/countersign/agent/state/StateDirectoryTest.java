package dev.countersign.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir Path parent;
    private Path directory;

    @BeforeEach
    void setUp() {
        directory = parent.resolve("state");
    }

    @Test
    void whatWasPutIsThereAfterARestart() throws IOException {
        try (StateDirectory state = StateDirectory.open(directory)) {
            assertThat(state.section("identity")).isEmpty();
            state.put("identity", new byte[] {1});
            state.put("feed", new byte[] {2, 3});
            state.put("identity", new byte[] {4});
        }

        try (StateDirectory state = StateDirectory.open(directory)) {
            assertThat(state.section("identity").orElseThrow()).containsExactly(4);
            assertThat(state.section("feed").orElseThrow()).containsExactly(2, 3);
        }
    }

    @Test
    void isTheOwnersAlone() throws IOException {
        Files.createDirectory(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        try (StateDirectory state = StateDirectory.open(directory)) {
            state.put("identity", new byte[] {1});
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file ->
                            assertThat(
                                            PosixFilePermissions.toString(
                                                    Files.getPosixFilePermissions(file)))
                                    .isEqualTo("rw-------"));
        }
    }

    @Test
    void aSecondAgentIsRefusedWhileTheFirstLives() throws IOException {
        StateDirectory first = StateDirectory.open(directory);
        assertThatThrownBy(() -> StateDirectory.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another agent");

        first.close();

        StateDirectory.open(directory).close();
    }

    @Test
    void oneWrongByteMakesAllOfItUnused() throws IOException {
        try (StateDirectory state = StateDirectory.open(directory)) {
            state.put("identity", new byte[] {1});
            state.put("feed", new byte[] {2});
        }
        Path file = directory.resolve("agent.state");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        try (StateDirectory state = StateDirectory.open(directory)) {
            assertThat(state.section("identity")).isEmpty();
            assertThat(state.section("feed")).isEmpty();
            state.put("identity", new byte[] {9});
        }
        try (StateDirectory state = StateDirectory.open(directory)) {
            assertThat(state.section("identity").orElseThrow()).containsExactly(9);
        }
    }

    @Test
    void aFileThatOthersMayReadIsNotUsed() throws IOException {
        try (StateDirectory state = StateDirectory.open(directory)) {
            state.put("identity", new byte[] {1});
        }
        Files.setPosixFilePermissions(
                directory.resolve("agent.state"), PosixFilePermissions.fromString("rw-r--r--"));

        try (StateDirectory state = StateDirectory.open(directory)) {
            assertThat(state.section("identity")).isEmpty();
        }
    }
}
