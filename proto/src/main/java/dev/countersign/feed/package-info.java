/**
 * What an agent must know, and what it says back: the model behind the Subscribe stream.
 *
 * <p>Start with {@link dev.countersign.feed.Snapshot}: everything one subscriber must know at one
 * revision. A {@link dev.countersign.feed.Delta} leads from one to the next: for every two snapshots
 * of one subscriber {@code a.apply(a.deltaTo(b))} is {@code b}. Lists are kept in the order of their
 * keys, each key once, so equal knowledge is an equal value.
 *
 * <p>A {@link dev.countersign.feed.KeySet} holds the keys of a token issuer: the server fetches them,
 * an agent that meets a token with an unknown key asks for a new look ({@code KeyRefresh}).
 *
 * <p>Nothing here is believed because it arrived: {@code wire.FeedCodec} verifies the signature, the
 * subject and the revision before it makes one of these.
 */
@NullMarked
package dev.countersign.feed;

import org.jspecify.annotations.NullMarked;
