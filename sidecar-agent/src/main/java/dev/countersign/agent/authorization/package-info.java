/** Asks dev.countersign.policy; the only maker of {@link dev.countersign.agent.authorization.Permit}. */
@NullMarked
package dev.countersign.agent.authorization;

import org.jspecify.annotations.NullMarked;
