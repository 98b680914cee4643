/**
 * The rules a certificate must pass before it may be signed: one class per rule, all listed in
 * {@code LintRules}.
 *
 * <p>Start with {@link dev.countersign.server.lint.Linter}: it reads the exact bytes to be signed
 * back with another library than the one that wrote them, runs every rule, and is the only maker of
 * {@link dev.countersign.server.lint.LintedCertificate}, the proof that the signer asks for.
 *
 * <p>To add a rule: one class that implements {@code LintRule}, one line in {@code LintRules}, and
 * one good and one bad certificate in {@code LintRulesTest}, which fails when a rule has none.
 *
 * <p>Rules compare with constants of their own and with the plan; they share no code with the
 * assembler, or both would make the same mistake.
 */
@NullMarked
package dev.countersign.server.lint;

import org.jspecify.annotations.NullMarked;
