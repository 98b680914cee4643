/**
 * Backups: keys and records in one file, and the rules by which it may come back.
 *
 * <p>Starting points: {@link dev.countersign.server.backup.Archive} is the file; {@link
 * dev.countersign.server.backup.Manifest} says what is in it; {@link
 * dev.countersign.server.backup.RestoreRules} refuses what is older than what was seen since.
 *
 * <p>An archive is a ZIP file of mode 0600. Keys in it are as they were: sealed with the
 * passphrase, which is not in it. Keys of a token are not in it, and PostgreSQL keeps its own
 * backups: then the archive has the part that it can have, and the manifest says so. The manifest
 * lists the SHA-256 of every other entry, and is written last: an archive without one is not whole.
 */
@NullMarked
package dev.countersign.server.backup;

import org.jspecify.annotations.NullMarked;
