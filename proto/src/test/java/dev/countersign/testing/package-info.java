/**
 * What tests of every module share: {@link dev.countersign.testing.TestAuthority} makes
 * certificates, good ones and ones with exactly the fault that is asked for; {@link
 * dev.countersign.testing.MutableClock} is the time; {@link dev.countersign.testing.Cases} generates
 * values from a seed and says which seed it was; {@link dev.countersign.testing.HeldPort} is a port
 * that nobody else gets. {@link dev.countersign.testing.Patience} gives every {@code await()} the time
 * of a slow machine.
 *
 * <p>Start with {@code TestAuthority.create("test.example", clock, 1)}.
 */
@NullMarked
package dev.countersign.testing;

import org.jspecify.annotations.NullMarked;
