package dev.countersign.server.issuance;

import dev.countersign.server.attestation.Evidence;

/**
 * One call. The request's bytes are as received, owned by this value.
 *
 * @param evidence who the caller says it is
 * @param csr PKCS#10, DER
 */
public record IssuanceCommand(Evidence evidence, byte[] csr) {}
