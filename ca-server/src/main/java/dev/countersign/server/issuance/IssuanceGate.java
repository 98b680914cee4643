package dev.countersign.server.issuance;

import dev.countersign.server.attestation.AttestedWorkload;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.issuance.IssuanceRefused.Kind;
import dev.countersign.server.limits.AdmissionControl;
import dev.countersign.server.limits.CallerCaps;
import dev.countersign.server.limits.IssuanceBudgets;
import dev.countersign.server.limits.Priority;
import dev.countersign.server.limits.TokenKeys;
import dev.countersign.server.limits.Verdict;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Map;

/**
 * Who may take the server's time: caps before attestation, budgets after it. Before attestation only
 * the source and the whole are charged: charging an identity on its say-so would let anybody exhaust
 * a victim's budget.
 */
public final class IssuanceGate {
    private final AdmissionControl admission;
    private final CallerCaps caps;
    private final IssuanceBudgets budgets;
    private final TokenKeys tokenKeys;
    private final AuditTrail audit;
    private final InstantSource clock;

    public IssuanceGate(
            AdmissionControl admission,
            CallerCaps caps,
            IssuanceBudgets budgets,
            TokenKeys tokenKeys,
            AuditTrail audit,
            InstantSource clock) {
        this.admission = admission;
        this.caps = caps;
        this.budgets = budgets;
        this.tokenKeys = tokenKeys;
        this.audit = audit;
        this.clock = clock;
    }

    /** Step 1: a place among those served now, to be given back. */
    AdmissionControl.Ticket enter(InetAddress caller, Priority priority) throws IssuanceRefused {
        check(caps.tokenCheck(caller), Kind.UNAVAILABLE, caller.getHostAddress());
        return switch (admission.enter(priority)) {
            case AdmissionControl.Ticket ticket -> ticket;
            case AdmissionControl.Shed shed ->
                    throw new IssuanceRefused(
                            Kind.UNAVAILABLE,
                            "OVERLOADED",
                            "the server is busy with more urgent callers",
                            shed.retryAfter());
        };
    }

    /** Step 2, after attestation. */
    void charge(AttestedWorkload workload) throws IssuanceRefused {
        check(budgets.charge(workload.account()), Kind.OVER_BUDGET, workload.account().toString());
    }

    /** Step 3, for first contacts: the same token with a second key is audited and limited. */
    void chargeKey(AttestedWorkload workload, String publicKeyHash) throws IssuanceRefused {
        TokenKeys.Use use =
                tokenKeys.firstContact(
                        workload.tokenFingerprint(),
                        workload.until(),
                        publicKeyHash,
                        clock.instant());
        if (use.isSecondKey()) {
            audit.offer(
                    new AuditEvent(
                            AuditEvent.Type.TOKEN_WITH_SECOND_KEY,
                            clock.instant(),
                            workload.account().toString(),
                            Map.of(
                                    "pod", workload.podName(),
                                    "keys", Integer.toString(use.keys()),
                                    "key", publicKeyHash,
                                    "token", workload.tokenFingerprint())));
        }
        check(use.verdict(), Kind.OVER_BUDGET, workload.account().toString());
    }

    private static void check(Verdict verdict, Kind kind, String who) throws IssuanceRefused {
        if (verdict instanceof Verdict.Exceeded exceeded) {
            throw new IssuanceRefused(
                    kind,
                    exceeded.limit().name(),
                    who + ": limit reached (expected: again in " + exceeded.retryAfter() + ")",
                    exceeded.retryAfter());
        }
    }
}
