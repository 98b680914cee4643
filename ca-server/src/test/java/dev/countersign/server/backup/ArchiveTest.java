package dev.countersign.server.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.backup.BackupRefused.Reason;
import dev.countersign.server.backup.RestoreRules.Seen;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchiveTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final Manifest HEAD =
            new Manifest(
                    Instant.parse("2026-03-01T12:00:00Z"),
                    DOMAIN,
                    7,
                    "ab".repeat(32),
                    Manifest.Records.SQLITE,
                    Manifest.Keys.FILES,
                    new TreeMap<>());

    @TempDir Path folder;

    @Test
    void whatWentInComesOut() throws Exception {
        Path file = written();

        try (Archive archive = Archive.open(file)) {
            assertThat(archive.manifest().epoch()).isEqualTo(7);
            assertThat(archive.keys()).containsOnlyKeys("root-1.key", "bundle-1.key");
            assertThat(archive.keys().get("root-1.key")).isEqualTo(bytes("one"));
            try (InputStream database = archive.database().orElseThrow()) {
                assertThat(database.readAllBytes()).isEqualTo(bytes("the records"));
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        Path file = written();

        refused(Reason.BACKUP_EXISTS, () -> Archive.write(file, HEAD, Map.of(), Optional.empty()));
    }

    @Test
    void damageAnywhereIsFound() throws Exception {
        byte[] good = Files.readAllBytes(written());
        Random random = new Random(20_260_301L);
        for (int i = 0; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            opensAsItWasOrIsRefused(damaged);
        }
    }

    @Test
    void anArchiveThatWasCutOffIsRefused() throws Exception {
        byte[] good = Files.readAllBytes(written());
        for (int length = 0; length < good.length; length++) {
            Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(good, length));

            assertThatExceptionOfType(BackupRefused.class).isThrownBy(() -> Archive.open(file));
        }
    }

    @Test
    void entriesThatNobodyKnowsAreRefused() throws Exception {
        TreeMap<String, String> sums = new TreeMap<>();
        sums.put("../evil", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");

        refused(Reason.BACKUP_DAMAGED, () -> Archive.open(zip(HEAD.encode(), "../evil", "x")));
        refused(
                Reason.BACKUP_MALFORMED,
                () -> Archive.open(zip(HEAD.with(sums).encode(), "../evil", "x")));
        refused(Reason.BACKUP_MALFORMED, () -> Archive.open(zip("hello", "keys/a.key", "x")));
        refused(
                Reason.BACKUP_MALFORMED,
                () -> Archive.open(Files.writeString(folder.resolve("text"), "hello")));
        refused(Reason.BACKUP_UNREADABLE, () -> Archive.open(folder.resolve("missing")));
    }

    @Test
    void aBackupOlderThanWhatWasSeenIsRefused() throws Exception {
        List<Seen> seen = List.of(new Seen("the database here", 9), new Seen("--seen-epoch", 8));

        assertThatExceptionOfType(BackupRefused.class)
                .isThrownBy(() -> RestoreRules.checkFresh(HEAD, seen, false))
                .withMessageContaining("epoch 7 of 2026-03-01T12:00:00Z (expected: >= 9, which the")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BACKUP_STALE));

        assertThat(RestoreRules.checkFresh(HEAD, seen, true)).contains(seen.getFirst());
        assertThat(RestoreRules.checkFresh(HEAD, List.of(new Seen("it", 7)), false)).isEmpty();
    }

    @Test
    void aBackupOfSomethingElseIsRefused() {
        refused(
                Reason.BACKUP_OTHER_TRUST_DOMAIN,
                () ->
                        RestoreRules.checkPlace(
                                HEAD,
                                new TrustDomain("other.example"),
                                Manifest.Records.SQLITE,
                                Manifest.Keys.FILES));
        refused(
                Reason.BACKUP_OTHER_STORE,
                () ->
                        RestoreRules.checkPlace(
                                HEAD, DOMAIN, Manifest.Records.POSTGRESQL, Manifest.Keys.FILES));
        refused(
                Reason.BACKUP_OTHER_STORE,
                () ->
                        RestoreRules.checkPlace(
                                HEAD, DOMAIN, Manifest.Records.SQLITE, Manifest.Keys.TOKEN));
    }

    /** A bit that says nothing, such as a time in the directory, may change; content may not. */
    private void opensAsItWasOrIsRefused(byte[] damaged) throws Exception {
        Path file = Files.write(folder.resolve("damaged"), damaged);
        try (Archive archive = Archive.open(file)) {
            assertThat(archive.manifest().epoch()).isEqualTo(7);
            assertThat(archive.keys().get("root-1.key")).isEqualTo(bytes("one"));
        } catch (BackupRefused refused) {
            assertThat(refused.reason()).isIn(Reason.BACKUP_DAMAGED, Reason.BACKUP_MALFORMED);
        }
    }

    private Path written() throws Exception {
        Path database = Files.writeString(folder.resolve("records"), "the records");
        Path file = folder.resolve("backup");
        Archive.write(
                file,
                HEAD,
                Map.of("root-1.key", bytes("one"), "bundle-1.key", bytes("two")),
                Optional.of(database));
        return file;
    }

    private Path zip(String manifest, String name, String content) throws Exception {
        Path file = folder.resolve("made");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(bytes(content));
            zip.putNextEntry(new ZipEntry("manifest"));
            zip.write(bytes(manifest));
        }
        return file;
    }

    private static void refused(Reason reason, ThrowingCallable attempt) {
        assertThatExceptionOfType(BackupRefused.class)
                .isThrownBy(attempt)
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
