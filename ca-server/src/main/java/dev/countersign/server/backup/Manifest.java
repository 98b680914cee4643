package dev.countersign.server.backup;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.backup.BackupRefused.Reason;
import dev.countersign.server.x509.KeyIds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an archive holds.
 *
 * @param created when
 * @param trustDomain whose authority
 * @param epoch of the authority's journal
 * @param root lower-case hex SHA-256 of the root that signs
 * @param records where they were
 * @param keys where they were
 * @param sums lower-case hex SHA-256 of every other entry, by name
 */
public record Manifest(
        Instant created,
        TrustDomain trustDomain,
        long epoch,
        String root,
        Records records,
        Keys keys,
        SortedMap<String, String> sums) {
    static final String ENTRY = "manifest";

    private static final String FIRST = "countersign backup v1";
    private static final String SUM = "sha256 ";
    private static final String OWN_SUM = "sha256: ";
    private static final List<String> LABELS =
            List.of("created", "trust-domain", "epoch", "root", "records", "keys");

    /** Where records were. */
    public enum Records {
        /** In the archive. */
        SQLITE,
        /** With PostgreSQL, which keeps its own backups. */
        POSTGRESQL
    }

    /** Where keys were. */
    public enum Keys {
        /** In the archive, sealed. */
        FILES,
        /** In Secrets of a cluster, which has its own backups. */
        SECRETS,
        /** In a token, which has its own backups. */
        TOKEN
    }

    public Manifest {
        sums = Collections.unmodifiableSortedMap(new TreeMap<>(sums));
    }

    Manifest with(SortedMap<String, String> others) {
        return new Manifest(created, trustDomain, epoch, root, records, keys, others);
    }

    /** One line for each value, and the sum of those lines. */
    String encode() {
        StringBuilder text = new StringBuilder(FIRST).append('\n');
        List<String> values =
                List.of(
                        created.toString(),
                        trustDomain.name(),
                        Long.toString(epoch),
                        root,
                        word(records),
                        word(keys));
        for (int i = 0; i < LABELS.size(); i++) {
            text.append(LABELS.get(i)).append(": ").append(values.get(i)).append('\n');
        }
        sums.forEach(
                (name, sum) -> text.append(SUM).append(name).append(": ").append(sum).append('\n'));
        return text.append(OWN_SUM)
                .append(KeyIds.sha256(bytes(text.toString())))
                .append('\n')
                .toString();
    }

    /**
     * Reads a manifest.
     *
     * @throws BackupRefused {@code BACKUP_MALFORMED} unless it is exactly as {@link #encode} writes
     *     it
     */
    static Manifest parse(String text) throws BackupRefused {
        try {
            Manifest manifest = read(text.lines().toList());
            if (manifest.encode().equals(text)) {
                return manifest;
            }
        } catch (IllegalArgumentException | DateTimeParseException unreadable) {
            throw new BackupRefused(
                    Reason.BACKUP_MALFORMED,
                    "manifest: " + unreadable.getMessage() + " (expected: " + FIRST + ")",
                    unreadable);
        }
        throw new BackupRefused(
                Reason.BACKUP_MALFORMED, "manifest: other words (expected: " + FIRST + ")");
    }

    private static Manifest read(List<String> lines) {
        if (lines.size() <= LABELS.size() + 1 || !lines.getFirst().equals(FIRST)) {
            throw new IllegalArgumentException(lines.size() + " lines");
        }
        String[] values = new String[LABELS.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = after(LABELS.get(i) + ": ", lines.get(i + 1));
        }
        SortedMap<String, String> sums = new TreeMap<>();
        for (String line : lines.subList(LABELS.size() + 1, lines.size() - 1)) {
            String sum = after(SUM, line);
            int colon = sum.lastIndexOf(": ");
            if (colon < 0) {
                throw new IllegalArgumentException("a line without sum");
            }
            sums.put(sum.substring(0, colon), sum.substring(colon + 2));
        }
        return new Manifest(
                Instant.parse(values[0]),
                TrustDomain.parse(values[1]),
                Long.parseLong(values[2]),
                values[3],
                Records.valueOf(values[4].toUpperCase(Locale.ROOT)),
                Keys.valueOf(values[5].toUpperCase(Locale.ROOT)),
                sums);
    }

    private static String after(String label, String line) {
        if (!line.startsWith(label)) {
            throw new IllegalArgumentException("a line without " + label.strip());
        }
        return line.substring(label.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
