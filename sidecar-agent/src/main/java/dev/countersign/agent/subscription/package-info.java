/**
 * What the control plane tells this agent: policies, bundle, deny list; applied whole, kept across
 * restarts.
 *
 * <p>Start with {@link dev.countersign.agent.subscription.PolicySource} and {@link
 * dev.countersign.trust.DenyList}, what the rest of the agent reads. {@link
 * dev.countersign.agent.subscription.ControlPlaneSubscription} keeps the stream, {@link
 * dev.countersign.agent.subscription.Feed} believes and applies what comes over it, {@link
 * dev.countersign.agent.subscription.LastKnownGood} keeps it for the next start.
 *
 * <p>Invariants: a snapshot is believed by the bundle-signing key's signature, trust domain, subject
 * and revision, whatever connection or file it came from; it is in force whole or not at all; a
 * revision lower than the last is refused; an acknowledgement is sent after readers see the revision.
 * Age warns, and denies only where the server's settings say so. Denials are kept until the server
 * says that they are on record, up to a bound; what is dropped is counted.
 */
@NullMarked
package dev.countersign.agent.subscription;

import org.jspecify.annotations.NullMarked;
