/**
 * Records in a database: the only package that knows SQL. SQLite in a file, or PostgreSQL by one
 * setting; one set of SQL and one contract test for both.
 *
 * <p>Starting points: {@link dev.countersign.server.store.Store} opens it and hands out the ports it
 * answers; {@code GroupCommit} is the thread that writes; {@code EntryWriter} is what one commit
 * consists of; {@code V1__issuance_log_and_authority.sql} has the tables.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Acknowledged means committed, and committed means flushed: the settings that make it so are
 *       read back with every writing session, and a store without them is refused.
 *   <li>All writing is done by one thread on one connection. Many callers share a commit; a caller
 *       waits for its own. Queue and wait are bounded; who finds them full is told at once.
 *   <li>A failed commit fails everybody in it. Whether it took effect after all is looked up before
 *       anything else is written; an intent found that way gets the outcome FAILED, because its
 *       caller signed nothing.
 *   <li>Serials are unique by issuer and keys belong to one identity, by index: also across servers.
 *   <li>A SQLite file has one server, held by a lock of the operating system. On PostgreSQL each
 *       server writes chains of its own, so none waits for another; sequence numbers come in blocks.
 *   <li>Log and key bindings are kept for ever; certificate rows until some time after their end;
 *       denials for a day, edges for a month.
 * </ol>
 */
@NullMarked
package dev.countersign.server.store;

import org.jspecify.annotations.NullMarked;
