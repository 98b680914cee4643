/**
 * A mesh under fire for as long as one likes: {@code deploy/soak}. Start with {@link
 * dev.countersign.deploy.soak.Soak}. {@link dev.countersign.deploy.soak.Trouble} kills programs, agents
 * and the authority, replaces the root and changes policy, one after the other; meanwhile {@link
 * dev.countersign.deploy.soak.Callers} ask without a pause. A failed request is excused only where one
 * of those who carry it was down ({@link dev.countersign.deploy.soak.Outages}); one that policy denies
 * is never. {@link dev.countersign.deploy.soak.Weights} looks at what is left behind.
 */
@NullMarked
package dev.countersign.deploy.soak;

import org.jspecify.annotations.NullMarked;
