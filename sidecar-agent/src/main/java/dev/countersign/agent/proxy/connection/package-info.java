/**
 * What every proxied connection shares: how sockets are made, how they are counted, and the table of
 * what is open.
 *
 * <p>Start with {@link dev.countersign.agent.proxy.connection.Transport} (event loops and sockets),
 * then {@link dev.countersign.agent.proxy.connection.ConnectionTable}: whatever was let in is in that
 * table until it is closed, so that a changed policy, bundle or deny list can close it.
 *
 * <p>Invariants: a connection and its counterpart live on one event loop; everything in {@link
 * dev.countersign.agent.proxy.connection.OpenConnection} that changes is touched on that loop only.
 */
@NullMarked
package dev.countersign.agent.proxy.connection;

import org.jspecify.annotations.NullMarked;
