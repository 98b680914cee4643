/**
 * What agents must know: policies, trust bundle, deny list, settings; numbered, pushed,
 * acknowledged.
 *
 * <p>{@link dev.countersign.server.distribution.PolicyFeed} holds the policies in force and their
 * revision. {@link dev.countersign.server.distribution.SnapshotMaker} cuts out what one subscriber
 * may see: root-namespace and own-namespace policies that select it. {@link
 * dev.countersign.server.distribution.SubscriptionHub} keeps one {@link
 * dev.countersign.server.distribution.Subscriber} a stream and marks it when something changed; a
 * subscriber that cannot take a message now is not queued for: it gets the newest state when it can.
 *
 * <p>Agents also tell what they saw: {@link dev.countersign.server.distribution.EdgeRecords} keeps
 * edges and {@link dev.countersign.server.distribution.DenialRecords} denials, both under who reported
 * them; {@link dev.countersign.server.distribution.EdgeWindow} says what the record misses.
 *
 * <p>Identity and namespace of a subscriber come from its certificate; pod and labels from the
 * server's own record, never from the agent.
 */
@NullMarked
package dev.countersign.server.distribution;

import org.jspecify.annotations.NullMarked;
