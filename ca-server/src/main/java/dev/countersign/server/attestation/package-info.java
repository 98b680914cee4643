/**
 * Finds out who a caller is.
 *
 * <p>Read {@link dev.countersign.server.attestation.Attestors} first: it is the rule book, a table
 * of what is asked of whom, and the only maker of the proof {@link
 * dev.countersign.server.attestation.AttestedWorkload} that issuance asks for. An {@link
 * dev.countersign.server.attestation.Attestor} turns {@link
 * dev.countersign.server.attestation.Evidence} into claims; each has a folder of its own below this
 * one, a line in the catalog, and passes {@code AttestorContract}.
 *
 * <p>Two ports tell what the server itself knows: {@link
 * dev.countersign.server.attestation.PodDirectory} of pods (a configuration section today; the
 * place where a live API server's informer and its TokenReview come in), and {@link
 * dev.countersign.server.attestation.LineageRecords} of certificates issued before.
 *
 * <p>Invariants: refusals are {@link dev.countersign.server.attestation.AttestationRefused} with a
 * stable reason, and fail closed; no message holds a token; labels and addresses come from the
 * server's own record and never from the caller.
 */
@NullMarked
package dev.countersign.server.attestation;

import org.jspecify.annotations.NullMarked;
