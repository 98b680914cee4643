/**
 * CEL conditions of rules: compiled and checked where policies are admitted, evaluated where they
 * are enforced.
 *
 * <p>{@link dev.countersign.policy.expression.CheckedExpression} is what travels: the type-checked
 * form, opaque to everybody else.
 *
 * <p>This is the only package that knows the CEL library, and nobody loads it before a policy has an
 * expression.
 */
@NullMarked
package dev.countersign.policy.expression;

import org.jspecify.annotations.NullMarked;
