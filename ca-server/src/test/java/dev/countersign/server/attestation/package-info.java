/** Tests of attestation; {@code AttestorContract} is what every attestor extends. */
@NullMarked
package dev.countersign.server.attestation;

import org.jspecify.annotations.NullMarked;
