/**
 * Spans of the requests that pass, for who follows one request through many programs. Start with
 * {@link dev.countersign.agent.tracing.Tracer}: it reads what a request says of its trace (W3C Trace
 * Context), or begins one, and says what the request says from then on. When the request is over, its
 * {@link dev.countersign.agent.tracing.Span} goes into a bounded queue, which {@link
 * dev.countersign.agent.tracing.OtlpExporter} empties towards a collector (OTLP over HTTP, protobuf).
 *
 * <p>Invariants: traffic never waits for a collector; what there is no room for, or what nobody takes,
 * is dropped and counted; nothing here runs unless a collector is configured.
 */
@NullMarked
package dev.countersign.agent.tracing;

import org.jspecify.annotations.NullMarked;
