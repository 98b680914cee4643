package dev.countersign.server.backup;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.backup.BackupRefused.Reason;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** A backup on disk: written once, read whole and checked before anything of it is used. */
public final class Archive implements AutoCloseable {
    /** Of the database, when it is in the archive. */
    public static final String DATABASE = "database.db";

    private static final String KEYS = "keys/";
    private static final int MAX_ENTRIES = 256;
    private static final int MAX_KEY = 8 * 1024;
    private static final int MAX_MANIFEST = 64 * 1024;

    private final Path file;
    private final ZipFile zip;
    private final Manifest manifest;

    private Archive(Path file, ZipFile zip, Manifest manifest) {
        this.file = file;
        this.zip = zip;
        this.manifest = manifest;
    }

    /**
     * Writes an archive, durably.
     *
     * @param head without sums
     * @param keys key files by name
     * @param database a copy of it that nobody writes to
     * @throws BackupRefused {@code BACKUP_EXISTS}: nothing is overwritten
     */
    public static void write(
            Path file, Manifest head, Map<String, byte[]> keys, Optional<Path> database)
            throws BackupRefused, IOException {
        try (OutputStream out = create(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            SortedMap<String, String> sums = new TreeMap<>();
            for (Map.Entry<String, byte[]> key : keys.entrySet()) {
                zip.putNextEntry(new ZipEntry(KEYS + key.getKey()));
                zip.write(key.getValue());
                sums.put(KEYS + key.getKey(), sum(key.getValue()));
            }
            if (database.isPresent()) {
                zip.putNextEntry(new ZipEntry(DATABASE));
                MessageDigest digest = sha256();
                Files.copy(database.get(), new DigestOutputStream(zip, digest));
                sums.put(DATABASE, HexFormat.of().formatHex(digest.digest()));
            }
            zip.putNextEntry(new ZipEntry(Manifest.ENTRY));
            zip.write(head.with(sums).encode().getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        flush(file);
    }

    /**
     * Opens an archive and checks every entry.
     *
     * @throws BackupRefused {@code BACKUP_UNREADABLE}, {@code BACKUP_MALFORMED} or {@code
     *     BACKUP_DAMAGED}
     */
    public static Archive open(Path file) throws BackupRefused {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (IOException notOne) {
            throw new BackupRefused(
                    Files.isReadable(file) ? Reason.BACKUP_MALFORMED : Reason.BACKUP_UNREADABLE,
                    file + ": " + notOne.getMessage() + " (expected: a whole archive)",
                    notOne);
        }
        boolean good = false;
        try {
            Archive archive = new Archive(file, zip, manifest(zip));
            archive.check();
            good = true;
            return archive;
        } catch (IOException | IllegalArgumentException damaged) {
            throw new BackupRefused(
                    Reason.BACKUP_DAMAGED,
                    file + ": " + damaged.getMessage() + " (expected: as it was written)",
                    damaged);
        } finally {
            if (!good) {
                closeQuietly(zip);
            }
        }
    }

    public Manifest manifest() {
        return manifest;
    }

    /** Key files by name. */
    public Map<String, byte[]> keys() throws IOException {
        Map<String, byte[]> keys = new LinkedHashMap<>();
        for (String name : manifest.sums().keySet()) {
            if (name.startsWith(KEYS)) {
                try (InputStream in = entry(name)) {
                    keys.put(name.substring(KEYS.length()), in.readNBytes(MAX_KEY));
                }
            }
        }
        return keys;
    }

    /** The database; the caller closes it. Empty when it is not in the archive. */
    public Optional<InputStream> database() throws IOException {
        return manifest.sums().containsKey(DATABASE)
                ? Optional.of(entry(DATABASE))
                : Optional.empty();
    }

    @Override
    public void close() {
        closeQuietly(zip);
    }

    @Override
    public String toString() {
        return file.toString();
    }

    private void check() throws IOException, BackupRefused {
        List<String> found =
                Collections.list(zip.entries()).stream()
                        .map(ZipEntry::getName)
                        .filter(name -> !name.equals(Manifest.ENTRY))
                        .sorted()
                        .toList();
        if (!found.equals(List.copyOf(manifest.sums().keySet()))) {
            throw new BackupRefused(
                    Reason.BACKUP_DAMAGED,
                    file + ": entries " + found + " (expected: " + manifest.sums().keySet() + ")");
        }
        for (Map.Entry<String, String> expected : manifest.sums().entrySet()) {
            String name = expected.getKey();
            if (!name.equals(DATABASE) && !name.matches(KEYS + "[a-z0-9-]{1,64}\\.key")) {
                throw new BackupRefused(
                        Reason.BACKUP_MALFORMED, name + " (expected: a key or the database)");
            }
            if (!sum(name).equals(expected.getValue())) {
                throw new BackupRefused(
                        Reason.BACKUP_DAMAGED,
                        file + ": " + name + " has another sum (expected: as it was written)");
            }
        }
    }

    private String sum(String name) throws IOException {
        MessageDigest digest = sha256();
        long limit = name.equals(DATABASE) ? Long.MAX_VALUE : MAX_KEY;
        try (DigestInputStream in = new DigestInputStream(entry(name), digest)) {
            long length = in.transferTo(OutputStream.nullOutputStream());
            if (length > limit) {
                throw new IOException(name + ": " + length + " bytes");
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private InputStream entry(String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IOException(name + ": missing");
        }
        return zip.getInputStream(entry);
    }

    private static Manifest manifest(ZipFile zip) throws IOException, BackupRefused {
        ZipEntry entry = zip.getEntry(Manifest.ENTRY);
        if (entry == null || zip.size() > MAX_ENTRIES) {
            throw new BackupRefused(
                    Reason.BACKUP_MALFORMED,
                    zip.size() + " entries (expected: a manifest and <= " + MAX_ENTRIES + ")");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return Manifest.parse(new String(in.readNBytes(MAX_MANIFEST), StandardCharsets.UTF_8));
        }
    }

    private static OutputStream create(Path file) throws BackupRefused, IOException {
        try {
            return new BufferedOutputStream(
                    java.nio.channels.Channels.newOutputStream(
                            Files.newByteChannel(
                                    file,
                                    EnumSet.of(
                                            StandardOpenOption.CREATE_NEW,
                                            StandardOpenOption.WRITE),
                                    PosixFilePermissions.asFileAttribute(
                                            PosixFilePermissions.fromString("rw-------")))));
        } catch (FileAlreadyExistsException there) {
            throw new BackupRefused(
                    Reason.BACKUP_EXISTS, file + ": exists (expected: a new name)", there);
        }
    }

    private static void flush(Path file) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            AtomicFiles.syncDirectory(folder);
        }
    }

    private static String sum(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java platform has SHA-256
        }
    }

    private static void closeQuietly(ZipFile zip) {
        try {
            zip.close();
        } catch (IOException e) {
            // It was only read.
        }
    }
}
