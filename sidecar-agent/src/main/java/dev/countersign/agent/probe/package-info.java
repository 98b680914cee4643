/**
 * Asks the application, in the kubelet's place, whether it works.
 *
 * <p>The kubelet has no certificate, so a probe of a port that takes only mutual TLS would fail. Where a
 * pod is injected its probes lead here instead: {@link dev.countersign.agent.probe.ProbeServer} has one
 * page for each, and {@link dev.countersign.agent.probe.Prober} does what the kubelet would have done,
 * from inside the pod: an HTTP request whose status counts from 200 to 399, a TCP connection, or gRPC's
 * health service. Nothing of the answer but good or not good leaves the pod, and nothing but the
 * configured checks can be asked.
 */
@NullMarked
package dev.countersign.agent.probe;

import org.jspecify.annotations.NullMarked;
