package dev.countersign.server.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where records are kept and within which bounds.
 *
 * @param url {@code jdbc:sqlite:/path/file.db} or {@code jdbc:postgresql://host/database}
 * @param user of PostgreSQL; empty on SQLite
 * @param passwordFile file whose first line is the password; read at start only
 * @param maxBatch entries that share a commit at most, 1 to 4096
 * @param maxWaiting callers that wait for a commit at most, more are turned away
 * @param maxWait how long a caller waits for its commit
 * @param lockTimeout how long a write waits for somebody else's lock on the database
 * @param certificateRetention how long a certificate's row stays after its end; the log stays
 */
public record StoreConfig(
        String url,
        Optional<String> user,
        Optional<Path> passwordFile,
        int maxBatch,
        int maxWaiting,
        Duration maxWait,
        Duration lockTimeout,
        Duration certificateRetention) {
    public StoreConfig {
        between("maxBatch", maxBatch, 1, 4096);
        between("maxWaiting", maxWaiting, 1, 1_000_000);
        between("maxWait (ms)", maxWait.toMillis(), 10, 60_000);
        between("lockTimeout (ms)", lockTimeout.toMillis(), 0, 60_000);
        between("certificateRetention (min)", certificateRetention.toMinutes(), 0, 5_256_000);
    }

    /** SQLite in one file, with the usual bounds. */
    public static StoreConfig sqlite(Path file) {
        return of("jdbc:sqlite:" + file.toAbsolutePath(), Optional.empty(), Optional.empty());
    }

    /** Any database, with the usual bounds: 512 a commit, 4096 waiting for 5 s, 30 days. */
    public static StoreConfig of(String url, Optional<String> user, Optional<Path> passwordFile) {
        return new StoreConfig(
                url,
                user,
                passwordFile,
                512,
                4096,
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofDays(30));
    }

    private static void between(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "store." + name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }
}
