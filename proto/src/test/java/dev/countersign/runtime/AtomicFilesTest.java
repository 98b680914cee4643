package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AtomicFilesTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    @TempDir private Path folder;

    @Test
    void aSecretIsReadableByItsOwnerOnly() throws Exception {
        Path file = folder.resolve("key.pem");
        AtomicFiles.writeSecret(file, CONTENT);
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(AtomicFiles.readSecret(file, 100)).isEqualTo(CONTENT);
    }

    @Test
    void aSecretThatReplacesAnOpenFileIsClosed() throws Exception {
        Path file = folder.resolve("key.pem");
        AtomicFiles.write(file, new byte[1000]);
        AtomicFiles.writeSecret(file, CONTENT);
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(file).hasBinaryContent(CONTENT);
    }

    @Test
    void leavesNothingBesideTheFile() throws Exception {
        AtomicFiles.write(folder.resolve("a"), CONTENT);
        AtomicFiles.write(folder.resolve("a"), CONTENT);
        assertThat(names()).containsExactly("a");
    }

    @Test
    void aWriteThatFailsLeavesTheOldContentAndNothingElse() throws Exception {
        Path occupied = Files.createDirectory(folder.resolve("occupied"));
        Files.writeString(occupied.resolve("inside"), "x");
        assertThatThrownBy(() -> AtomicFiles.write(occupied, CONTENT))
                .isInstanceOf(IOException.class);
        assertThat(names()).containsExactly("occupied");
        assertThat(occupied.resolve("inside")).hasContent("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rwx--x---"})
    void aSecretThatOthersMayTouchIsNotRead(String mode) throws Exception {
        Path file = folder.resolve("key.pem");
        AtomicFiles.writeSecret(file, CONTENT);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        assertThatThrownBy(() -> AtomicFiles.readSecret(file, 100))
                .isInstanceOf(AtomicFiles.InsecureFile.class)
                .hasMessageContaining(mode)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aSecretOverItsLimitIsNotRead() throws Exception {
        Path file = folder.resolve("key.pem");
        AtomicFiles.writeSecret(file, CONTENT);
        assertThatThrownBy(() -> AtomicFiles.readSecret(file, CONTENT.length - 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("over 6 bytes");
    }

    @Test
    void privateDirectoriesAreTheOwnersAtEveryLevel() throws Exception {
        Path deep = folder.resolve("a/b");
        AtomicFiles.createPrivateDirectory(deep);
        AtomicFiles.createPrivateDirectory(deep);
        assertThat(mode(deep)).isEqualTo("rwx------");
        assertThat(mode(folder.resolve("a"))).isEqualTo("rwx------");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    @Test
    void onlyRootsFileForTheOwnGroupMayBeReadByItsGroup() {
        Set<PosixFilePermission> group = Set.of(PosixFilePermission.GROUP_READ);

        assertThat(AtomicFiles.isMountedForUs(group, 0, 10001)).isTrue();
        assertThat(AtomicFiles.isMountedForUs(group, 10001, 10001)).isFalse();
        assertThat(AtomicFiles.isMountedForUs(group, 0, 0)).isFalse();
        assertThat(
                        AtomicFiles.isMountedForUs(
                                Set.of(
                                        PosixFilePermission.GROUP_READ,
                                        PosixFilePermission.OTHERS_READ),
                                0,
                                10001))
                .isFalse();
    }
}
