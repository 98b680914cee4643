package dev.countersign.agent.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.proxy.traffic.Tap;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlSocketTest {
    private final List<String> told = new ArrayList<>();
    private final Tap tap = new Tap();
    private final ControlCommands commands =
            new ControlCommands() {
                @Override
                public String logLevel(String level) {
                    if (level.isEmpty()) {
                        throw new IllegalArgumentException("level:  (expected: info)");
                    }
                    told.add("level " + level);
                    return "info";
                }

                @Override
                public void drain() {
                    told.add("drain");
                }

                @Override
                public void quit() {
                    told.add("quit");
                }

                @Override
                public Tap tap() {
                    return tap;
                }
            };

    @TempDir Path directory;
    private Path path;
    private ControlSocket socket;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("control.sock");
        socket = ControlSocket.open(new ControlSocket.Settings(path, List.of()), commands);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        assertThat(path).doesNotExist();
    }

    @Test
    void itsOwnUserTellsItWhatToDo() throws Exception {
        assertThat(ask("POST /drain HTTP/1.1")).startsWith("HTTP/1.1 200 OK").contains("draining");
        assertThat(ask("POST /quit HTTP/1.1")).contains("quitting");
        assertThat(ask("POST /log-level?level=debug HTTP/1.1"))
                .endsWith("{\"level\":\"debug\",\"before\":\"info\"}\n");
        assertThat(told).containsExactly("drain", "quit", "level debug");
    }

    @Test
    void whatIsNotUnderstoodIsRefusedWithWhatIs() throws Exception {
        assertThat(ask("GET /quit HTTP/1.1")).startsWith("HTTP/1.1 404").contains("POST /quit");
        assertThat(ask("POST /log-level HTTP/1.1")).startsWith("HTTP/1.1 400").contains("level:");
        assertThat(ask("DELETE /quit HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(ask("quit")).startsWith("HTTP/1.1 400").contains("METHOD /path HTTP/1.1");
        assertThat(ask("GET /tap?peer=a&peer=b HTTP/1.1")).contains("peer: twice");
        assertThat(ask("GET /tap?pear=a HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(ask("GET /tap?path=%zz HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(told).isEmpty();
    }

    @Test
    void aHeadWithoutEndIsNotWaitedForBeyondItsSize() throws Exception {
        assertThat(ask("POST /quit HTTP/1.1\r\nA: " + "a".repeat(20_000))).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void onlyItsOwnerCanOpenTheFile() throws IOException {
        assertThat(Files.getPosixFilePermissions(path))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(directory.toFile().list()).containsExactly("control.sock");
    }

    @Test
    void whatAProcessBeforeLeftThereIsReplaced() throws Exception {
        ControlSocket after =
                ControlSocket.open(new ControlSocket.Settings(path, List.of()), commands);
        assertThat(ask("POST /drain HTTP/1.1")).contains("draining");
        after.close();
    }

    @Test
    void aReaderOfTheTapWhoGoesIsForgotten() throws Exception {
        try (SocketChannel reader = send("GET /tap?path=/x HTTP/1.1\r\n\r\n")) {
            await().until(() -> tap.readers() == 1);
            assertThat(reader.isOpen()).isTrue();
        }
        await().until(() -> tap.readers() == 0);
    }

    @Test
    void aDirectoryThatIsNotThereIsSaid() {
        Path nowhere = directory.resolve("no/control.sock");
        assertThatThrownBy(() ->
                        ControlSocket.open(
                                new ControlSocket.Settings(nowhere, List.of()), commands))
                .hasMessageContaining("control socket: " + nowhere);
    }

    @Test
    void usersWhoMayQuitMayDoNothingElse() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(isRoot(), "becoming another user needs root");
        Path open = Files.createTempDirectory(Path.of("/tmp"), "countersign-control");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path shared = open.resolve("control.sock");
        try (ControlSocket other =
                ControlSocket.open(
                        new ControlSocket.Settings(shared, List.of("65534")), commands)) {
            assertThat(as("65534", shared, "drain")).contains("403");
            assertThat(as("65534", shared, "quit")).contains("200");
            assertThat(as("65533", shared, "quit")).doesNotContain("200");
            assertThat(told).containsExactly("quit");
        } finally {
            Files.deleteIfExists(open);
        }
    }

    private static boolean isRoot() throws IOException {
        return Files.getOwner(Path.of("/proc/self")).getName().equals("root");
    }

    private static String as(String user, Path socket, String what) throws Exception {
        Process process =
                new ProcessBuilder(
                                "setpriv",
                                "--reuid=" + user,
                                "--clear-groups",
                                "curl",
                                "-s",
                                "-o",
                                "/dev/null",
                                "-w",
                                "%{http_code}",
                                "-X",
                                "POST",
                                "--unix-socket",
                                socket.toString(),
                                "http://agent/" + what)
                        .redirectErrorStream(true)
                        .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String ask(String line) throws IOException {
        try (SocketChannel channel = send(line + "\r\nHost: agent\r\n\r\n")) {
            return new String(
                    Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException reset) {
            return "";
        }
    }

    private SocketChannel send(String text) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return channel;
    }
}
