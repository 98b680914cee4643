package dev.countersign.server.attestation.localissuer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** Files that are there whole or not at all, with their mode from the first byte on. */
public final class AtomicFiles {
    public static final Set<PosixFilePermission> SECRET =
            PosixFilePermissions.fromString("rw-------");
    public static final Set<PosixFilePermission> PUBLIC =
            PosixFilePermissions.fromString("rw-r--r--");

    private AtomicFiles() {}

    /** Replaces whatever is there. */
    public static void write(Path target, byte[] bytes, Set<PosixFilePermission> mode)
            throws IOException {
        Path temporary = temporary(target, bytes, mode);
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(target);
    }

    /**
     * Replaces nothing: a hard link fails where a rename would win.
     *
     * @throws java.nio.file.FileAlreadyExistsException when it is there already
     */
    static void create(Path target, byte[] bytes, Set<PosixFilePermission> mode)
            throws IOException {
        Path temporary = temporary(target, bytes, mode);
        try {
            Files.createLink(target, temporary);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(target);
    }

    private static Path temporary(Path target, byte[] bytes, Set<PosixFilePermission> mode)
            throws IOException {
        Path directory = directory(target);
        Files.createDirectories(directory);
        Path temporary =
                Files.createTempFile(
                        directory, ".", ".tmp", PosixFilePermissions.asFileAttribute(SECRET));
        try {
            fill(temporary, bytes);
            Files.setPosixFilePermissions(temporary, mode); // after the umask had its say
            return temporary;
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    private static void fill(Path temporary, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static void sync(Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(directory(target), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path directory(Path target) {
        return Objects.requireNonNull(
                target.toAbsolutePath().getParent(), "a file has a directory");
    }
}
