package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Files that only their owner may read, written whole or not at all, never over another. */
final class SecretFiles {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Path folder;

    private SecretFiles(Path folder) {
        this.folder = folder;
    }

    /**
     * The files of a folder, which is made (0700) when it is missing.
     *
     * @throws KeyVaultException {@code KEY_FILE_PERMISSIONS} when others may write to it
     */
    static SecretFiles in(Path folder) throws KeyVaultException {
        try {
            if (Files.notExists(folder)) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
            }
            Set<PosixFilePermission> found = Files.getPosixFilePermissions(folder);
            if (found.stream().anyMatch(OTHERS_WRITE::contains)) {
                throw permissions("key folder", found, "not writable by group or others");
            }
            return new SecretFiles(folder);
        } catch (IOException | UnsupportedOperationException e) {
            throw new KeyVaultException(
                    Reason.UNAVAILABLE, "key folder: not usable (expected: a POSIX folder)", e);
        }
    }

    /**
     * Writes a new file durably: content, then name, each forced to disk.
     *
     * @param suffix random bytes for the temporary name
     * @throws KeyVaultException {@code KEY_EXISTS} when there is a file of that name
     */
    void create(String name, byte[] content, byte[] suffix) throws KeyVaultException {
        Path temporary = folder.resolve("." + name + "." + HexFormat.of().formatHex(suffix));
        try {
            try {
                write(temporary, content);
                // A link fails when the name is taken; a rename would silently replace the key.
                Files.createLink(folder.resolve(name), temporary);
            } finally {
                Files.deleteIfExists(temporary);
            }
            force(folder);
        } catch (FileAlreadyExistsException e) {
            throw new KeyVaultException(
                    Reason.KEY_EXISTS, name + ": exists (expected: a new name)");
        } catch (IOException | UnsupportedOperationException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, name + ": cannot be written", e);
        }
    }

    /** Writes a file durably in place of the one there is, in one step. */
    void replace(String name, byte[] content, byte[] suffix) throws KeyVaultException {
        Path temporary = folder.resolve("." + name + "." + HexFormat.of().formatHex(suffix));
        try {
            try {
                write(temporary, content);
                Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
            force(folder);
        } catch (IOException | UnsupportedOperationException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, name + ": cannot be written", e);
        }
    }

    /** Names that end with {@code ending} and are no temporary files, sorted. */
    List<String> list(String ending) throws KeyVaultException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.endsWith(ending) && !name.startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, "key folder: cannot be read", e);
        }
    }

    /**
     * The content of a file; empty when there is none.
     *
     * @throws KeyVaultException {@code KEY_FILE_PERMISSIONS} when anybody but the owner may touch
     *     it, {@code KEY_FILE_CORRUPT} when it is larger than {@code maxBytes}
     */
    Optional<byte[]> read(String name, int maxBytes) throws KeyVaultException {
        Path file = folder.resolve(name);
        try {
            PosixFileAttributes found =
                    Files.readAttributes(
                            file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isRegularFile() || !OWNER_ONLY.containsAll(found.permissions())) {
                throw permissions(name, found.permissions(), "a regular file, rw-------");
            }
            if (found.size() > maxBytes) {
                throw new KeyVaultException(
                        Reason.KEY_FILE_CORRUPT,
                        name + ": " + found.size() + " bytes (expected: <= " + maxBytes + ")");
            }
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, name + ": cannot be read", e);
        }
    }

    /** Deletes durably; false when there was none. */
    boolean delete(String name) throws KeyVaultException {
        try {
            boolean deleted = Files.deleteIfExists(folder.resolve(name));
            force(folder);
            return deleted;
        } catch (IOException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, name + ": cannot be deleted", e);
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        Set<StandardOpenOption> options =
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel =
                FileChannel.open(file, options, PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static KeyVaultException permissions(
            String what, Set<PosixFilePermission> found, String expectation) {
        return new KeyVaultException(
                Reason.KEY_FILE_PERMISSIONS,
                what
                        + ": "
                        + PosixFilePermissions.toString(found)
                        + " (expected: "
                        + expectation
                        + ")");
    }
}
