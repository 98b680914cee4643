/**
 * {@code countersign policy}: what policies say and what they decide.
 *
 * <p>Starting points: {@code test} runs tables of decisions, {@code validate} admits files as the
 * server would. {@code edges}, {@code simulate}, {@code suggest} and {@code plaintext} work on traffic
 * that agents saw, from the server or from a file. The first two work offline, through the library that decides in the agent. Exit codes: 0
 * good, 1 a case failed or a policy is refused, 2 a file cannot be used or the usage is wrong.
 *
 * <p>{@code diff} and {@code analyze} answer for all requests at once, through {@code
 * dev.countersign.policy.analysis}, which states what is decided exactly and what is left open; 1
 * means a difference, a likely mistake, “no” or “unknown”. {@code
 * deploy/examples/policies-with-mistakes} is a set to try them on.
 */
@NullMarked
package dev.countersign.server.cli.policy;

import org.jspecify.annotations.NullMarked;
