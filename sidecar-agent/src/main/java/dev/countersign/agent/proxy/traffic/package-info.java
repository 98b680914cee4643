/**
 * What is told of the traffic that passes. Start with {@link
 * dev.countersign.agent.proxy.traffic.Traffic}: every request and stream ends there once, and goes
 * from there to
 *
 * <ul>
 *   <li>{@link dev.countersign.agent.proxy.traffic.TrafficMetrics}, always: counters and histograms
 *       by peer, in bounded number, exported by {@link
 *       dev.countersign.agent.proxy.traffic.TrafficExport} under the names that users of Istio know;
 *   <li>{@link dev.countersign.agent.proxy.traffic.AccessLog}, where it is configured;
 *   <li>a span for a collector, where its trace is recorded (package {@code tracing});
 *   <li>{@link dev.countersign.agent.proxy.traffic.Tap}, while somebody looks.
 * </ul>
 *
 * <p>A line, in the log and on a tap, is one JSON object. All have {@code time}, {@code kind} ({@code
 * request} or {@code stream}), {@code direction} ({@code inbound} or {@code outbound}), {@code peer}
 * (SPIFFE ID of the other side, left out where it proved none), {@code port} (of the workload, or
 * that it calls), {@code decision} ({@code allowed} or {@code denied}; left out where nobody decides),
 * {@code reason}, {@code policy}, {@code rule}, {@code revision}, {@code audit} (AUDIT policies that
 * matched) and {@code denialId}.
 *
 * <ul>
 *   <li>Requests: {@code protocol}, {@code method}, {@code host}, {@code path} (as matched, without
 *       its query), {@code status} (0: none), {@code grpcStatus}, {@code outcome} ({@code forwarded},
 *       {@code denied}, {@code refused}, {@code failed}), {@code firstMicros} until the answer's head,
 *       {@code micros} until its end, {@code requestBytes}, {@code responseBytes}, {@code traceId}.
 *   <li>Streams: {@code event} ({@code opened}, {@code closed}, {@code denied}), {@code listener},
 *       {@code connection}, {@code remote}; when closed {@code received}, {@code sent}, {@code
 *       micros}.
 * </ul>
 *
 * <p>Invariants: traffic waits for nobody here; where nobody looks, nothing is built; whatever a
 * stranger can choose the number of is bounded.
 */
@NullMarked
package dev.countersign.agent.proxy.traffic;

import org.jspecify.annotations.NullMarked;
