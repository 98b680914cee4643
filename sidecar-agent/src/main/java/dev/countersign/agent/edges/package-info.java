/**
 * Who was seen talking to this workload, and whom it calls: a bounded table, and what of it the server has yet to be
 * told.
 *
 * <p>Start with {@link dev.countersign.agent.edges.EdgeTable}. {@code Entry} is one edge; {@code
 * EdgeIndex} finds it without making garbage; {@code EdgeBounds} says how finely a new one may be
 * told apart; {@code EdgeQueue} makes reports.
 *
 * <p>Invariants: callers choose sources, methods and paths, so each is bounded. A table that is full
 * counts what it cannot tell apart, first under coarser templates, then in all, and the server is
 * told how many. Neither what is denied nor whom the application calls can take the
 * place of what is allowed in. A count leaves the table
 * only when the server has said that it is on record.
 */
@NullMarked
package dev.countersign.agent.edges;

import org.jspecify.annotations.NullMarked;
