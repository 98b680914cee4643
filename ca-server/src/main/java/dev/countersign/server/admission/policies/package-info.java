/**
 * Keeps wrong policies out before they are stored.
 *
 * <p>{@link dev.countersign.server.admission.policies.PolicyReviewer} reads an object by the parser of
 * {@code countersign policy validate}: what one refuses the other refuses, with the same path, value,
 * expectation and code; its warnings and hints are shown by kubectl. Beyond one object it looks at what
 * the change would do to those in force: {@link
 * dev.countersign.server.admission.policies.TrafficGuard} finds traffic on record that it would cut.
 *
 * <p>An object that names a kind which is not read here is let through: its own checks are elsewhere.
 */
@NullMarked
package dev.countersign.server.admission.policies;

import org.jspecify.annotations.NullMarked;
