package dev.countersign.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Files that are whole or not there, also after power loss: written beside their place, flushed,
 * renamed, the folder flushed.
 */
public final class AtomicFiles {
    /** Of this process's user. */
    private static final Path SELF = Path.of("/proc/self");

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> READABLE =
            PosixFilePermissions.fromString("rw-r--r--");

    private AtomicFiles() {}

    /** Mode 0644. */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, bytes, READABLE);
    }

    /** Mode 0600 from the first byte on. */
    public static void writeSecret(Path file, byte[] bytes) throws IOException {
        write(file, bytes, OWNER_ONLY);
    }

    /**
     * Reads a file that only its owner may read.
     *
     * @throws InsecureFile when group or others may read or write it
     */
    public static byte[] readSecret(Path file, int maxBytes) throws IOException {
        refuseOpen(file);
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(maxBytes + 1);
        }
        if (bytes.length > maxBytes) {
            throw new IOException(file + ": over " + maxBytes + " bytes");
        }
        return bytes;
    }

    /** Makes a folder of mode 0700, and those above it that are missing. */
    public static void createPrivateDirectory(Path folder) throws IOException {
        FileAttribute<?> mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(folder, mode);
    }

    /** Flushes a folder, so that a rename in it survives power loss. */
    public static void syncDirectory(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void refuseOpen(Path file) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(Files.getPosixFilePermissions(file));
        permissions.removeAll(OWNER_ONLY);
        permissions.remove(PosixFilePermission.OWNER_EXECUTE);
        if (!permissions.isEmpty() && !isMountedForUs(permissions, uid(file), uid(SELF))) {
            throw new InsecureFile(
                    file
                            + ": mode "
                            + PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                            + " (expected: rw-------; chmod 600 "
                            + file
                            + ")");
        }
    }

    /**
     * A Kubernetes volume of a pod with {@code fsGroup}: root's, and readable for the pod's own group,
     * which is the only way in which a process that is not root can read it.
     */
    static boolean isMountedForUs(Set<PosixFilePermission> beyondOwner, int owner, int self) {
        return owner == 0 && self > 0 && beyondOwner.equals(Set.of(PosixFilePermission.GROUP_READ));
    }

    /** Negative where there is none to be had. */
    private static int uid(Path file) throws IOException {
        try {
            return Files.exists(file) && Files.getAttribute(file, "unix:uid") instanceof Integer uid
                    ? uid
                    : -1;
        } catch (UnsupportedOperationException notUnix) {
            return -1;
        }
    }

    private static void write(Path file, byte[] bytes, Set<PosixFilePermission> mode)
            throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + ": no folder");
        }
        Path temporary =
                Files.createTempFile(
                        folder,
                        "." + file.getFileName(),
                        ".tmp",
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                Files.setPosixFilePermissions(temporary, mode);
                channel.force(true);
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            syncDirectory(folder);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** A secret that others may read. */
    public static final class InsecureFile extends IOException {
        private static final long serialVersionUID = 1L;

        InsecureFile(String message) {
            super(message);
        }
    }
}
