package dev.countersign.server.store;

import dev.countersign.server.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds an operating-system lock on a file beside the database for as long as the process lives, so
 * that a second server on the same file refuses to start. SQLite's own locks would only make the two
 * take turns. The system lets go of the lock when the process dies, however it dies.
 *
 * <p>Closing any channel to a file drops all of a process's POSIX locks on it, so a second opening
 * within the same process is caught before it touches the file.
 */
final class SqliteLock implements AutoCloseable {
    private static final Set<Path> HELD = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private SqliteLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static SqliteLock take(Path database) throws StoreRefused {
        Path file = canonical(database).resolveSibling(database.getFileName() + ".lock");
        synchronized (HELD) {
            if (!HELD.add(file)) {
                throw inUse(database, "this process");
            }
        }
        boolean taken = false;
        try {
            SqliteLock lock = open(database, file);
            taken = true;
            return lock;
        } finally {
            if (!taken) {
                forget(file);
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock goes with the process at the latest.
        } finally {
            forget(file);
        }
    }

    private static SqliteLock open(Path database, Path file) throws StoreRefused {
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                String holder = Files.readString(file, StandardCharsets.US_ASCII).strip();
                channel.close();
                throw inUse(database, "process " + (holder.isEmpty() ? "unknown" : holder));
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
            return new SqliteLock(file, channel);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new StoreRefused(
                    Reason.STORE_UNREACHABLE, "store " + file + ": cannot be locked: " + e, e);
        }
    }

    private static StoreRefused inUse(Path database, String holder) {
        return new StoreRefused(
                Reason.STORE_IN_USE,
                "store %s: in use by %s (expected: one server for a SQLite file; use PostgreSQL for more)"
                        .formatted(database, holder));
    }

    private static Path canonical(Path database) throws StoreRefused {
        Path directory = database.toAbsolutePath().getParent();
        try {
            if (directory == null) {
                throw new IOException("no directory");
            }
            return Files.createDirectories(directory).toRealPath().resolve(database.getFileName());
        } catch (IOException e) {
            throw new StoreRefused(
                    Reason.STORE_UNREACHABLE, "store " + database + ": no directory: " + e, e);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The failure that led here is the one to report.
        }
    }

    private static void forget(Path file) {
        synchronized (HELD) {
            HELD.remove(file);
        }
    }
}
