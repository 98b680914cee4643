package dev.countersign.server.revocation;

import java.time.Instant;
import java.util.Optional;

/**
 * A revocation and what agents are told of it.
 *
 * @param revocation as ordered
 * @param entries that agents have of it now
 * @param lastEnds when the last of them ends; empty = none has an end
 */
public record Standing(Revocation revocation, int entries, Optional<Instant> lastEnds) {}
