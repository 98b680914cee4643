package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.backup.BackupRefused;
import dev.countersign.server.backup.BackupRefused.Reason;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.v1.GetStatusRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, loss, restore, and the agents that go on: with real files, and a server that runs. */
final class BackupDrillTest {
    private static final BackupCommands.Decision NONE =
            new BackupCommands.Decision(OptionalLong.empty(), Optional.empty());

    /** A bundle is issued anew, as another epoch, with a third of its week remaining. */
    private final MutableClock clock = new MutableClock(Instant.now());

    private final BackupCommands commands = new BackupCommands(clock, new SecureRandom());

    @TempDir Path folder;

    @Test
    void afterTheLossOfEverythingAnAgentRenews() throws Exception {
        Path backup = folder.resolve("backup");
        Svid before;
        try (RunningServer server = RunningServer.start(folder, clock)) {
            before = server.svid("shop", "web", "web-0");
            assertThat(commands.backup(config(), backup)).first().isEqualTo("wrote " + backup);
        }
        destroy(folder.resolve("data"));

        assertThat(commands.restore(config(), backup, NONE))
                .anyMatch(line -> line.startsWith("proven: epoch 1"))
                .contains("2 key files put back", "records put back");

        try (RunningServer server = RunningServer.start(folder, clock)) {
            KeyPair keys = Csrs.p256();
            Svid after =
                    server.svid(
                            keys,
                            RunningServer.issue(
                                    server.connect(before),
                                    server.token("shop", "web", "web-0"),
                                    Csrs.of(keys)));
            VerifiedPeer peer = after.peer();
            assertThat(peer.id()).isEqualTo(RunningServer.id("shop", "web"));
            assertThat(server.verifier().verify(before.chain()).id()).isEqualTo(peer.id());
            assertThat(server.log("BACKUP_RESTORED")).hasSize(1);
        }
    }

    @Test
    void aStaleBackupIsRefusedUnlessOverriddenAndThenBelievedAsANewEpoch() throws Exception {
        Path backup = folder.resolve("backup");
        Svid agent;
        try (RunningServer server = RunningServer.start(folder, clock)) {
            commands.backup(config(), backup);
            clock.advance(Duration.ofDays(6));
            await().until(() ->
                    server.admin().getStatus(GetStatusRequest.getDefaultInstance()).getBundleEpoch()
                            == 2);
            // Until the server's own certificate is of today, too.
            agent =
                    await().ignoreExceptions()
                            .until(() -> server.svid("shop", "web", "web-0"), svid -> true);
            assertThat(server.bundles().epoch()).isEqualTo(2);
        }

        assertThatExceptionOfType(BackupRefused.class)
                .isThrownBy(() -> commands.restore(config(), backup, NONE))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BACKUP_STALE));

        List<String> said =
                commands.restore(
                        config(),
                        backup,
                        new BackupCommands.Decision(
                                OptionalLong.of(5), Optional.of("the disk is lost")));

        assertThat(said)
                .contains("trust of then published anew as epoch 6")
                .anyMatch(line -> line.startsWith("kept what was there as "));
        try (RunningServer server = RunningServer.start(folder, clock)) {
            server.svid("shop", "web", "web-1");
            assertThat(server.bundles().epoch()).isEqualTo(6);
            assertThat(server.verifier().verify(agent.chain()).id())
                    .isEqualTo(RunningServer.id("shop", "web"));
        }
    }

    @Test
    void aBackupWhoseKeysDoNotOpenIsNotCalledOne() throws Exception {
        Path backup = folder.resolve("backup");
        try (RunningServer server = RunningServer.start(folder, clock)) {
            Path passphrase = folder.resolve("passphrase");
            Files.writeString(passphrase, "another passphrase altogether\n");

            assertThatExceptionOfType(BackupRefused.class)
                    .isThrownBy(() -> commands.backup(config(), backup))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BACKUP_NOT_PROVEN));

            assertThat(backup).doesNotExist();
            assertThat(server.log("SERVER_STARTED")).hasSize(1);
        }
    }

    @Test
    void nothingIsRestoredUnderAServerThatRuns() throws Exception {
        Path backup = folder.resolve("backup");
        try (RunningServer server = RunningServer.start(folder, clock)) {
            commands.backup(config(), backup);

            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> commands.restore(config(), backup, NONE))
                    .withMessageContaining("in use by");

            server.svid("shop", "web", "web-0");
        }
    }

    private Path config() {
        return RunningServer.configFile(folder);
    }

    private static void destroy(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
