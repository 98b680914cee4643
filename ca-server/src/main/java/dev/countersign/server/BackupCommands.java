package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.authority.AuthorityJournal;
import dev.countersign.server.authority.AuthorityProof;
import dev.countersign.server.authority.AuthorityProof.Proven;
import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.authority.EpochRaise;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.backup.Archive;
import dev.countersign.server.backup.BackupRefused;
import dev.countersign.server.backup.BackupRefused.Reason;
import dev.countersign.server.backup.Manifest;
import dev.countersign.server.backup.RestoreRules;
import dev.countersign.server.backup.RestoreRules.Seen;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.encryptedfile.KeyFolder;
import dev.countersign.server.keys.encryptedfile.SealedKeys;
import dev.countersign.server.store.Store;
import dev.countersign.server.store.StoreCopies;
import dev.countersign.wire.BootstrapFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * {@code countersign backup} and {@code countersign restore}: on the server's host, by its
 * configuration. A backup is made beside a server that runs; a restore needs it stopped.
 */
final class BackupCommands {
    private final InstantSource clock;
    private final SecureRandom random;

    BackupCommands(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /** What {@code restore} is told beyond the files. */
    record Decision(OptionalLong seenEpoch, Optional<String> staleBecause) {}

    /** Makes an archive, and proves it from what is on disk. */
    List<String> backup(Path file, Path out) throws Exception {
        ServerConfig config = config(file);
        Path folder = privateFolder(out);
        try {
            Optional<Path> copy = Optional.empty();
            if (StoreCopies.isFile(config.store())) {
                copy = Optional.of(folder.resolve("copy.db"));
                StoreCopies.copy(config.store(), copy.get());
            }
            AuthorityJournal.State journal = journal(config, copy);
            // After the records: a key that they name was there before them.
            Map<String, byte[]> keys = keyFiles(config);
            Proven proven = prove(config, journal, keys);
            Archive.write(
                    out,
                    new Manifest(
                            clock.instant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
                            config.trustDomain(),
                            proven.epoch(),
                            proven.rootSha256(),
                            records(config),
                            keys(config),
                            new TreeMap<>()),
                    keys,
                    copy);
        } finally {
            delete(folder);
        }
        List<String> said = new ArrayList<>(verify(config, out));
        said.add(0, "wrote " + out);
        if (records(config) == Manifest.Records.POSTGRESQL) {
            said.add("records are not in it: pg_dump them, after this");
        }
        if (keys(config) == Manifest.Keys.TOKEN) {
            said.add("keys are not in it: back the token up with the tools of its maker");
        }
        if (keys(config) == Manifest.Keys.SECRETS) {
            said.add("keys are not in it: back the Secrets of the install namespace up");
        }
        return said;
    }

    /** Puts an archive back. */
    List<String> restore(Path file, Path from, Decision decision) throws Exception {
        ServerConfig config = config(file);
        List<String> said = new ArrayList<>();
        try (Archive archive = Archive.open(from)) {
            Manifest manifest = archive.manifest();
            RestoreRules.checkPlace(manifest, config.trustDomain(), records(config), keys(config));
            Optional<Seen> newer =
                    RestoreRules.checkFresh(
                            manifest, seen(config, decision), decision.staleBecause().isPresent());
            said.addAll(verify(config, from));
            if (keys(config) == Manifest.Keys.FILES) {
                int written =
                        new KeyFolder(Catalog.keyFolder(config)).restore(archive.keys(), random);
                said.add(written + " key files put back");
            }
            Optional<InputStream> database = archive.database();
            if (database.isPresent()) {
                try (InputStream in = database.get()) {
                    StoreCopies.restore(config.store(), in, clock.instant())
                            .forEach(path -> said.add("kept what was there as " + path));
                }
                said.add("records put back");
            }
            OptionalLong raised = record(config, manifest, newer, decision);
            raised.ifPresent(epoch -> said.add("trust of then published anew as epoch " + epoch));
        }
        said.add("next: start the server; agents renew by themselves");
        return said;
    }

    /** Proves what is in an archive, as it is on disk. */
    private List<String> verify(ServerConfig config, Path out) throws Exception {
        Path folder = privateFolder(out);
        try (Archive archive = Archive.open(out)) {
            Optional<Path> copy = Optional.empty();
            Optional<InputStream> database = archive.database();
            if (database.isPresent()) {
                copy = Optional.of(folder.resolve("check.db"));
                try (InputStream in = database.get()) {
                    Files.copy(in, copy.get());
                }
            }
            Proven proven = prove(config, journal(config, copy), archive.keys());
            if (proven.epoch() < archive.manifest().epoch()) {
                throw new BackupRefused(
                        Reason.BACKUP_STALE,
                        "records: epoch "
                                + proven.epoch()
                                + " (expected: >= "
                                + archive.manifest().epoch()
                                + ", as the archive of the keys; restore newer records)");
            }
            return List.of(
                    "proven: epoch "
                            + proven.epoch()
                            + ", root "
                            + proven.root().getSubjectX500Principal()
                            + " (sha256 "
                            + proven.rootSha256()
                            + (proven.signed()
                                    ? ") signed a test certificate that agents believe"
                                    : ") is kept upstream; the bundle-signing key fits"));
        } finally {
            delete(folder);
        }
    }

    private Proven prove(
            ServerConfig config, AuthorityJournal.State journal, Map<String, byte[]> files)
            throws Exception {
        Closer closer = new Closer();
        try {
            KeyVault vault =
                    switch (config.keys()) {
                        case ServerConfig.Keys.Files sealed ->
                                closer.register(
                                        new SealedKeys(
                                                files,
                                                closer.register(
                                                        PassphraseFile.read(
                                                                sealed.passphraseFile())),
                                                random));
                        case ServerConfig.Keys.Secrets secrets ->
                                Catalog.keyVaultAlone(config, random, closer);
                        case ServerConfig.Keys.Token token ->
                                Catalog.keyVaultAlone(config, random, closer);
                    };
            return AuthorityProof.prove(
                    config.trustDomain(), journal, vault, clock.instant(), random);
        } catch (AuthorityRefused | ImportRefused | KeyVaultException unfit) {
            throw new BackupRefused(
                    Reason.BACKUP_NOT_PROVEN, String.valueOf(unfit.getMessage()), unfit);
        } finally {
            closer.close();
        }
    }

    private List<Seen> seen(ServerConfig config, Decision decision) throws Exception {
        List<Seen> seen = new ArrayList<>();
        if (StoreCopies.isFile(config.store())) {
            try {
                StoreCopies.journal(config.store())
                        .ifPresent(state -> seen.add(new Seen("the database here", state.epoch())));
            } catch (dev.countersign.server.audit.RecordsUnavailable lost) {
                // What is restored because it is damaged says nothing.
            }
        }
        Optional<Path> bootstrap = config.bootstrapFile().filter(Files::exists);
        if (bootstrap.isPresent()) {
            long epoch = BootstrapFile.parse(Files.readString(bootstrap.get())).minimumEpoch();
            seen.add(new Seen("the agents' bootstrap file", epoch));
        }
        decision.seenEpoch().ifPresent(epoch -> seen.add(new Seen("--seen-epoch", epoch)));
        return seen;
    }

    /** Says in the log what came back, and lifts it above what was seen since. */
    private OptionalLong record(
            ServerConfig config, Manifest manifest, Optional<Seen> newer, Decision decision)
            throws Exception {
        byte[] name = new byte[8];
        random.nextBytes(name);
        Map<String, String> facts = new TreeMap<>();
        facts.put("epoch", Long.toString(manifest.epoch()));
        facts.put("created", manifest.created().toString());
        decision.staleBecause().ifPresent(reason -> facts.put("staleBecause", reason));
        newer.ifPresent(seen -> facts.put("seenEpoch", Long.toString(seen.epoch())));
        Instant now = clock.instant();
        Closer closer = new Closer();
        try {
            Store store =
                    closer.register(
                            Store.open(config.store(), clock, HexFormat.of().formatHex(name)));
            store.auditTrail()
                    .append(
                            new AuditEvent(
                                    AuditEvent.Type.BACKUP_RESTORED,
                                    now,
                                    config.trustDomain().id(),
                                    facts));
            if (newer.isEmpty()) {
                return OptionalLong.empty();
            }
            EpochRaise raise =
                    new EpochRaise(
                            AuthoritySettings.defaults(config.trustDomain()),
                            Catalog.keyVaultAlone(config, random, closer),
                            store.authorityJournal(),
                            store.auditTrail());
            return OptionalLong.of(raise.above(newer.get().epoch(), now));
        } finally {
            closer.close();
        }
    }

    private static AuthorityJournal.State journal(ServerConfig config, Optional<Path> copy)
            throws BackupRefused {
        Optional<AuthorityJournal.State> found =
                copy.isPresent()
                        ? StoreCopies.journal(copy.get())
                        : StoreCopies.journal(config.store());
        return found.orElseThrow(() ->
                new BackupRefused(
                        Reason.BACKUP_NOTHING, "journal: empty (expected: an authority)"));
    }

    private static Map<String, byte[]> keyFiles(ServerConfig config) throws KeyVaultException {
        return keys(config) == Manifest.Keys.FILES
                ? new KeyFolder(Catalog.keyFolder(config)).read()
                : Map.of();
    }

    private static Manifest.Records records(ServerConfig config) {
        return StoreCopies.isFile(config.store())
                ? Manifest.Records.SQLITE
                : Manifest.Records.POSTGRESQL;
    }

    private static Manifest.Keys keys(ServerConfig config) {
        return switch (config.keys()) {
            case ServerConfig.Keys.Files files -> Manifest.Keys.FILES;
            case ServerConfig.Keys.Secrets secrets -> Manifest.Keys.SECRETS;
            case ServerConfig.Keys.Token token -> Manifest.Keys.TOKEN;
        };
    }

    private static ServerConfig config(Path file) throws Exception {
        return ServerConfigReader.read(ConfigReader.load(file, System.getenv()));
    }

    /** Beside the archive: there is room for it, and it is as private. */
    private static Path privateFolder(Path beside) throws IOException {
        Path folder = beside.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(beside + ": no folder");
        }
        return Files.createTempDirectory(
                folder,
                ".countersign-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
