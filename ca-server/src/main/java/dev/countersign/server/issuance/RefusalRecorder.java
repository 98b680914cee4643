package dev.countersign.server.issuance;

import dev.countersign.server.attestation.AttestedWorkload;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.limits.RefusalCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps refusals: a log entry for each attested caller's, one a reason and minute for those of
 * callers that nobody vouches for, so that strangers cannot fill the log.
 */
public final class RefusalRecorder {
    private static final Logger log = LoggerFactory.getLogger(RefusalRecorder.class);

    private final RefusalCounter strangers;
    private final AuditTrail audit;
    private final MeterRegistry metrics;
    private final InstantSource clock;

    public RefusalRecorder(
            RefusalCounter strangers,
            AuditTrail audit,
            MeterRegistry metrics,
            InstantSource clock) {
        this.strangers = strangers;
        this.audit = audit;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** {@code workload} is empty when the caller was not attested. */
    void refused(Optional<AttestedWorkload> workload, InetAddress caller, IssuanceRefused refusal) {
        metrics.counter("countersign.issuance.refused", "reason", refusal.reason()).increment();
        Instant now = clock.instant();
        if (workload.isEmpty()) {
            strangers.refused(refusal.reason(), String.valueOf(refusal.getMessage()), caller, now);
            return;
        }
        log.atInfo()
                .addKeyValue("account", workload.get().account())
                .addKeyValue("pod", workload.get().podName())
                .addKeyValue("reason", refusal.reason())
                .log("issuance refused");
        audit.offer(
                new AuditEvent(
                        AuditEvent.Type.ISSUANCE_REFUSED,
                        now,
                        workload.get().account().toString(),
                        Map.of(
                                "reason", refusal.reason(),
                                "message", String.valueOf(refusal.getMessage()),
                                "pod", workload.get().podName(),
                                "caller", caller.getHostAddress())));
    }

    /** Writes what is due of the strangers' refusals; about once a minute. */
    public void flush() {
        strangers.flush(clock.instant());
    }

    /** Writes all of them: for shutdown. */
    public void close() {
        strangers.close(clock.instant());
    }
}
