/** Finds out who a caller is: {@link dev.countersign.server.attestation.Attestor}s turn evidence into claims, {@link dev.countersign.server.attestation.Attestors} turns claims into the proof {@link dev.countersign.server.attestation.AttestedWorkload}. */
@NullMarked
package dev.countersign.server.attestation;

import org.jspecify.annotations.NullMarked;
