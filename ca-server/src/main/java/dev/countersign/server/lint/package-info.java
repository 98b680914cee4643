/** The rules a certificate must pass before it may be signed; one class per rule; the proof is {@link dev.countersign.server.lint.LintedCertificate}. */
@NullMarked
package dev.countersign.server.lint;

import org.jspecify.annotations.NullMarked;
