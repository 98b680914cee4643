/**
 * Edges: who was seen talking to whom, and what was decided about it.
 *
 * <p>An agent sees requests and keeps one {@link dev.countersign.edges.ReportedEdge} for all that are
 * alike: {@link dev.countersign.edges.PathShape} makes {@code /orders/42} and {@code /orders/43} the
 * same template. It sends them as an {@link dev.countersign.edges.EdgeReport}, once each. The server
 * adds who reported, and hands out an {@link dev.countersign.edges.EdgeExport}: what tools read, with
 * the facts that say whether it is all there is. {@link dev.countersign.edges.EdgeExportJson} is its
 * file.
 *
 * <p>Invariants: an edge names the <i>other</i> side only while it travels from agent to server, so
 * that nobody can speak for a third party; a template has a bounded length and is a value that {@code
 * paths} of a policy accepts and that covers every path it was made of; what was not counted is said.
 */
@NullMarked
package dev.countersign.edges;

import org.jspecify.annotations.NullMarked;
