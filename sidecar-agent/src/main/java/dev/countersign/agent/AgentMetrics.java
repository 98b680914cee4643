package dev.countersign.agent;

import dev.countersign.agent.authorization.DecisionLog;
import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.proxy.traffic.AccessLog;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.agent.subscription.SubscriptionStatus;
import dev.countersign.agent.svid.SvidStatus;
import dev.countersign.agent.tracing.OtlpExporter;
import dev.countersign.agent.tracing.SpanQueue;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/** What can be seen of an agent from far: no label has a value that a caller can choose. */
final class AgentMetrics {
    private AgentMetrics() {}

    static void register(MeterRegistry meters, AccessLog log) {
        FunctionCounter.builder("countersign.access.log.lines", log, AccessLog::written)
                .description("Lines written to the access log")
                .register(meters);
        FunctionCounter.builder("countersign.access.log.dropped", log, AccessLog::dropped)
                .description("Lines of the access log that there was no room for")
                .register(meters);
    }

    static void register(MeterRegistry meters, SpanQueue queue, OtlpExporter exporter) {
        FunctionCounter.builder("countersign.spans.exported", exporter, OtlpExporter::exported)
                .description("Spans that the collector took")
                .register(meters);
        FunctionCounter.builder("countersign.spans.dropped", queue, SpanQueue::dropped)
                .tag("reason", "queue")
                .description("Spans that there was no room for, or that the collector did not take")
                .register(meters);
        FunctionCounter.builder("countersign.spans.dropped", exporter, OtlpExporter::lost)
                .tag("reason", "collector")
                .description("Spans that there was no room for, or that the collector did not take")
                .register(meters);
    }

    static void register(
            MeterRegistry meters,
            Supplier<SvidStatus> svid,
            Supplier<SubscriptionStatus> subscription,
            DecisionLog decisions,
            DenialOutbox outbox,
            ClockOffset offset) {
        FunctionCounter.builder("countersign.agent.denials.dropped", outbox, DenialOutbox::dropped)
                .description(
                        "Denials that could not be kept for the server: their ids lead nowhere")
                .register(meters);
        Gauge.builder(
                        "countersign.agent.certificate.not.after.seconds",
                        () ->
                                svid.get()
                                        .held()
                                        .map(held -> held.notAfter().getEpochSecond())
                                        .orElse(0L))
                .description("End of the certificate in use, seconds since the epoch; 0 = none")
                .register(meters);
        Gauge.builder("countersign.agent.certificate.failures", () -> svid.get().failures())
                .description("Failed requests for a certificate since the last success")
                .register(meters);
        FunctionCounter.builder(
                        "countersign.agent.certificate.rotations",
                        svid,
                        status -> status.get().rotations())
                .description("Certificates taken into use")
                .register(meters);
        Gauge.builder("countersign.agent.policy.revision", () -> subscription.get().revision())
                .description("Revision in force; 0 = none")
                .register(meters);
        Gauge.builder(
                        "countersign.agent.subscription.connected",
                        () -> subscription.get().connected() ? 1 : 0)
                .description("Whether a stream to the control plane is open")
                .register(meters);
        Gauge.builder(
                        "countersign.agent.clock.offset.seconds",
                        () -> offset.current().map(Duration::toMillis).orElse(0L) / 1000.0)
                .description("This clock minus the server's")
                .register(meters);
        FunctionCounter.builder(
                        "countersign.agent.decisions", decisions, log -> log.counts().allowed())
                .tag("verdict", "allowed")
                .description("Decisions on inbound requests and connections")
                .register(meters);
        FunctionCounter.builder(
                        "countersign.agent.decisions", decisions, log -> log.counts().denied())
                .tag("verdict", "denied")
                .description("Decisions on inbound requests and connections")
                .register(meters);
        Gauge.builder("countersign.agent.edges", () -> decisions.counts().edges())
                .description("Edges that are counted one by one")
                .register(meters);
        FunctionCounter.builder(
                        "countersign.agent.edges.overflowed",
                        decisions,
                        log -> log.counts().uncounted())
                .description("Decisions that the table of edges had no room for")
                .register(meters);
    }
}
