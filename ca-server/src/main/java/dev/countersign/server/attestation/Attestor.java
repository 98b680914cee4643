package dev.countersign.server.attestation;

/** One way of finding out who a caller is. Implementations: one folder each; listed in Catalog. */
public interface Attestor {
    /** Stable name for logs, metrics and configuration. */
    String name();

    /**
     * Checks the evidence. Never signs, never writes.
     *
     * @throws AttestationRefused when the evidence is not believed, or cannot be checked now
     */
    WorkloadClaims attest(Evidence evidence) throws AttestationRefused;
}
