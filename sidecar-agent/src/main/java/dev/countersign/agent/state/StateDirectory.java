package dev.countersign.agent.state;

import dev.countersign.runtime.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of mode 0700 with one file of mode 0600, replaced by one rename. It holds a private
 * key: a memory volume is the place for it. One agent at a time; a second one is refused.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final String FILE = "agent.state";
    private static final int MAX_FILE = 64 * 1024 * 1024;
    private static final Set<PosixFilePermission> OWNER_ALL =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_READ_WRITE =
            PosixFilePermissions.fromString("rw-------");

    private final Path directory;
    private final FileChannel lock;
    private final SortedMap<String, byte[]> sections;

    private StateDirectory(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
        this.sections = read();
    }

    /**
     * Makes the directory when it is missing, and takes it.
     *
     * @throws IOException when it is not ours alone, cannot be written, or another agent holds it
     */
    public static StateDirectory open(Path directory) throws IOException {
        AtomicFiles.createPrivateDirectory(directory);
        if (!Files.getPosixFilePermissions(directory).equals(OWNER_ALL)) {
            Files.setPosixFilePermissions(directory, OWNER_ALL);
        }
        FileChannel lock =
                FileChannel.open(
                        directory.resolve("agent.lock"),
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_READ_WRITE));
        if (!locked(lock)) {
            lock.close();
            throw new IOException(
                    "state directory " + directory + ": held by another agent (expected: free)");
        }
        return new StateDirectory(directory, lock);
    }

    /**
     * What the agent that holds a directory last wrote under a name: for tools beside it.
     *
     * @throws IOException when the file is not there, not readable or corrupted
     */
    public static Optional<byte[]> look(Path directory, String name) throws IOException {
        return Optional.ofNullable(
                StateFormat.decode(AtomicFiles.readSecret(directory.resolve(FILE), MAX_FILE))
                        .get(name));
    }

    /** What was last written under this name; nothing when the file was missing or corrupted. */
    public synchronized Optional<byte[]> section(String name) {
        return Optional.ofNullable(sections.get(name));
    }

    /** Replaces one section and writes all of them as one new file. */
    public synchronized void put(String name, byte[] content) throws IOException {
        sections.put(name, content);
        AtomicFiles.writeSecret(directory.resolve(FILE), StateFormat.encode(sections));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private SortedMap<String, byte[]> read() {
        Path file = directory.resolve(FILE);
        try {
            return StateFormat.decode(AtomicFiles.readSecret(file, MAX_FILE));
        } catch (NoSuchFileException e) {
            return new TreeMap<>();
        } catch (IOException e) {
            LOG.atError()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("state directory corrupted, all of it is ignored");
            return new TreeMap<>();
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
