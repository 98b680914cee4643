/**
 * The kernel's rules that lead a workload's TCP connections through its agent, unseen by the
 * application: connections from outside to the inbound listener, connections of the application to the
 * outbound one.
 *
 * <p>Start with {@link dev.countersign.agent.redirect.RuleSet}: a pure function from {@link
 * dev.countersign.agent.redirect.RedirectSettings} to the rules of one address family, in the very words
 * in which {@code iptables -S} prints them. {@link dev.countersign.agent.redirect.Redirection} puts them
 * in force, compares and removes; {@link dev.countersign.agent.redirect.Iptables} runs the commands.
 *
 * <p>What is laid down: two chains of our own in the nat table, flushed and filled in one transaction and
 * never recreated, each reached by one jump. A connection is left alone that the agent itself makes (by
 * its user), that stays on the host ({@code -o lo}), that asks a name server (port 53; UDP is never
 * touched), or that the settings name. The rest is redirected, so a connection that should not have been
 * is refused by the agent rather than carried in plaintext.
 *
 * <p>nft is preferred, the legacy back end is used where nft does not work or where our chains stand there
 * already. IPv6 is a second pass with the same rules; where the kernel speaks IPv6 and that pass cannot be
 * made, nothing is installed at all.
 */
@NullMarked
package dev.countersign.agent.redirect;

import org.jspecify.annotations.NullMarked;
