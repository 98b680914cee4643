package dev.countersign.server.issuance;

import dev.countersign.server.attestation.AttestedWorkload;
import java.util.Optional;

/** Keeps refusals: entries for attested callers, one line a reason and minute for the others. */
public interface RefusalRecorder {
    /** {@code workload} is empty when the caller was not attested. */
    void refused(Optional<AttestedWorkload> workload, IssuanceRefused refusal);
}
