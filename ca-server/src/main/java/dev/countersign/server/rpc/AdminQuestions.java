package dev.countersign.server.rpc;

import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.AuditVerifier;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.distribution.DenialRecords;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.SubscriptionHub;
import dev.countersign.wire.v1.GetBootstrapResponse;
import dev.countersign.wire.v1.GetStatusResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** What the admin service answers from. */
public record AdminQuestions(
        IssuanceLedger ledger,
        AuditLog log,
        AuditVerifier verifier,
        Supplier<Instant> certificatesKeptSince,
        DenialRecords denials,
        EdgeRecords edges,
        SubscriptionHub hub,
        PolicyFeed policies,
        Optional<ApprovalDesk> approvals,
        RotationDesk rotation,
        ImportDesk imports,
        ExternalVerifierCalls externals,
        FederationCalls federation,
        Supplier<GetStatusResponse> status,
        Supplier<GetBootstrapResponse> bootstrap,
        InstantSource clock) {}
