/**
 * Where a connection was going before the kernel led it here.
 *
 * <p>{@link dev.countersign.agent.proxy.redirect.OriginalDestinations} is the question, {@link
 * dev.countersign.agent.proxy.redirect.KernelDestinations} asks netfilter's connection tracking, {@link
 * dev.countersign.agent.proxy.redirect.LocalAddresses} knows which addresses are this host's own.
 */
@NullMarked
package dev.countersign.agent.proxy.redirect;

import org.jspecify.annotations.NullMarked;
