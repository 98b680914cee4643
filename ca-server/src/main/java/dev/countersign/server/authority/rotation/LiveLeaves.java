package dev.countersign.server.authority.rotation;

import java.time.Instant;

/**
 * Leaves that were issued, or intended, and have not ended: superseded ones too.
 *
 * @param count how many
 * @param lastNotAfter when the last of them ends
 * @param lastHolder whose that is
 */
public record LiveLeaves(long count, Instant lastNotAfter, String lastHolder) {}
