package dev.countersign.server.attestation;

import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.audit.AuditEvent;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares what a caller claims with what the server itself knows of that pod. */
final class PodChecks {
    private final PodDirectory pods;
    private final AttestationRules.CallerAddress callerAddress;
    private final InstantSource clock;
    private final Consumer<AuditEvent> audit;

    PodChecks(
            PodDirectory pods,
            AttestationRules.CallerAddress callerAddress,
            InstantSource clock,
            Consumer<AuditEvent> audit) {
        this.pods = pods;
        this.callerAddress = callerAddress;
        this.clock = clock;
        this.audit = audit;
    }

    void check(WorkloadClaims claims, InetAddress caller) throws AttestationRefused {
        Optional<Pod> known = pods.find(claims.account(), claims.podName(), claims.podUid());
        if (known.isPresent()) {
            PodAgreement.check(claims, known.get());
            checkAddress(claims, known.get(), caller);
        } else if (pods.isComplete()) {
            throw new AttestationRefused(
                    Reason.POD_UNKNOWN,
                    "pod: " + PodAgreement.shown(claims) + " (expected: one that exists)");
        }
    }

    private void checkAddress(WorkloadClaims claims, Pod pod, InetAddress caller)
            throws AttestationRefused {
        if (pod.addresses().isEmpty() || pod.addresses().contains(caller)) {
            return;
        }
        switch (callerAddress) {
            case OFF -> {}
            case AUDIT -> audit.accept(differs(claims, pod, caller));
            case ENFORCE ->
                    throw new AttestationRefused(
                            Reason.CALLER_ADDRESS,
                            "caller: "
                                    + caller.getHostAddress()
                                    + " (expected: the address of pod "
                                    + PodAgreement.shown(claims)
                                    + "; attestation.callerAddress: audit where addresses are"
                                    + " translated)");
        }
    }

    private AuditEvent differs(WorkloadClaims claims, Pod pod, InetAddress caller) {
        return new AuditEvent(
                AuditEvent.Type.CALLER_ADDRESS_DIFFERS,
                clock.instant(),
                claims.account().toString(),
                Map.of(
                        "pod", claims.podName(),
                        "caller", caller.getHostAddress(),
                        "expected", pod.addresses().toString()));
    }
}
