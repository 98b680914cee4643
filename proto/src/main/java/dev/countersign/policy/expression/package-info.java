/**
 * CEL conditions of rules: compiled and checked where policies are admitted, evaluated where they
 * are enforced.
 *
 * <p>Starting points: {@link dev.countersign.policy.expression.ExpressionCompiler#compile} takes the
 * text of {@code rules[].expression} and gives its checked form, or every reason why not with line
 * and column. {@link dev.countersign.policy.expression.CheckedExpression} is what travels. {@link
 * dev.countersign.policy.expression.ExpressionProgram} evaluates it against {@link
 * dev.countersign.policy.expression.ExpressionVariables}; {@link
 * dev.countersign.policy.expression.ExpressionSchema} has their names and types.
 *
 * <p>What may be written is CEL's standard language less what a policy has no use for: times, bytes,
 * messages, and functions beyond those listed in {@code ExpressionRules}. One function is ours:
 * {@code source.ip.inBlock("10.0.0.0/8")}. The whole must be a boolean.
 *
 * <p><b>Absent is a fault.</b> A variable that the request does not have ({@code source.principal}
 * of a plaintext caller) has no value, and an expression that needs it has none either. {@code
 * connection.mtls && source.principal == "…"} is false then, for CEL's {@code &&} asks no more once
 * one side is false. A fault means: an ALLOW does not match, anything else does.
 *
 * <p><b>Cost.</b> Bounded twice. At admission: length, nodes, depth, and an estimate that takes a
 * comprehension for {@link dev.countersign.policy.expression.ExpressionCost#MAX_ITERATIONS} rounds,
 * so that nested ones over what a caller sends are refused. At evaluation: a whole evaluation does
 * not go round more often than that; what would is a fault. {@code matches} takes a pattern written
 * out, and runs in linear time (RE2).
 *
 * <p>This is the only package that knows the CEL library. Agents load its classes when the first
 * rule with an expression is compiled, and never its parser and checker.
 */
@NullMarked
package dev.countersign.policy.expression;

import org.jspecify.annotations.NullMarked;
