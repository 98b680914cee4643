package dev.countersign.server.rpc;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicyMode;
import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.distribution.DenialRecords;
import dev.countersign.server.distribution.DenialRow;
import dev.countersign.server.distribution.PolicyStanding;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ConnectedAgent;
import dev.countersign.wire.v1.Denial;
import dev.countersign.wire.v1.GetDenialResponse;
import dev.countersign.wire.v1.IssuanceOutcome;
import dev.countersign.wire.v1.IssuedCertificate;
import dev.countersign.wire.v1.LogEntry;
import dev.countersign.wire.v1.MissingAgent;
import java.time.Instant;

/** The admin service's answers, encoded. */
final class AdminMessages {
    private AdminMessages() {}

    static IssuedCertificate certificate(IssuanceLedger.Entry entry) {
        IssuanceIntent intent = entry.intent();
        return IssuedCertificate.newBuilder()
                .setSerial(intent.serial())
                .setIssuerKeyId(intent.issuerKeyId())
                .setSpiffeId(intent.id().toString())
                .setPodName(intent.podName())
                .setPodUid(intent.podUid())
                .setNotBefore(Timestamps.encode(intent.notBefore()))
                .setNotAfter(Timestamps.encode(intent.notAfter()))
                .setPublicKeySha256(intent.publicKeyHash())
                .setOutcome(outcome(entry.outcome()))
                .setLogSequence(entry.sequence())
                .build();
    }

    static LogEntry logEntry(AuditLog.LogEntry entry) {
        return LogEntry.newBuilder()
                .setSequence(entry.sequence())
                .setChain(entry.chain())
                .setTime(Timestamps.encode(entry.at()))
                .setType(entry.type())
                .setIdentity(entry.identity())
                .setPodUid(entry.podUid())
                .setSerial(entry.serial())
                .setBody(entry.body())
                .setHash(entry.batchHash())
                .build();
    }

    static ConnectedAgent agent(Subscriber.View view) {
        ConnectedAgent.Builder agent =
                ConnectedAgent.newBuilder()
                        .setInstanceId(view.instanceId())
                        .setSpiffeId(view.peer().id().toString())
                        .setPodName(view.record().podName())
                        .setPodUid(view.record().podUid())
                        .setAddress(view.address().getHostAddress())
                        .setConnected(Timestamps.encode(view.connected()))
                        .setSentRevision(view.sentRevision());
        view.acknowledgement()
                .ifPresent(acknowledgement ->
                        agent.setAcknowledgedRevision(acknowledgement.revision())
                                .setBundleEpoch(acknowledgement.bundleEpoch())
                                .setClockOffsetMillis(acknowledgement.clockOffset().toMillis())
                                .setRefusal(acknowledgement.refusal()));
        view.status()
                .ifPresent(status ->
                        agent.setCertificateNotAfter(
                                        Timestamps.encode(status.certificateNotAfter()))
                                .setCertificateSerial(status.certificateSerial())
                                .setOpenConnections(status.openConnections()));
        return agent.build();
    }

    static GetDenialResponse denial(DenialRecords.Found found) {
        DenialRow row = found.row();
        return GetDenialResponse.newBuilder()
                .setDenial(
                        Denial.newBuilder()
                                .setId(row.id())
                                .setFirstSeen(Timestamps.encode(row.firstSeen()))
                                .setCount(row.count())
                                .setSourcePrincipal(row.sourcePrincipal())
                                .setSourceAddress(row.sourceAddress())
                                .setDestinationNamespace(row.destinationNamespace())
                                .setDestinationServiceAccount(row.destinationServiceAccount())
                                .setDestinationPort(row.destinationPort())
                                .setProtocol(row.protocol())
                                .setMethod(row.method())
                                .setHost(row.host())
                                .setPath(row.path())
                                .setRevision(row.revision())
                                .setReason(row.reason())
                                .setPolicy(row.policy())
                                .setRule(row.rule())
                                .setExplanation(row.explanation())
                                .setAgentInstance(row.agentInstance()))
                .setSameEdgeCount(found.sameEdgeCount())
                .setSameEdgeFirstSeen(Timestamps.encode(found.sameEdgeFirstSeen()))
                .build();
    }

    private static IssuanceOutcome outcome(IssuanceLedger.Outcome outcome) {
        return switch (outcome) {
            case INTENDED -> IssuanceOutcome.ISSUANCE_OUTCOME_INTENDED;
            case ISSUED -> IssuanceOutcome.ISSUANCE_OUTCOME_ISSUED;
            case FAILED -> IssuanceOutcome.ISSUANCE_OUTCOME_FAILED;
            case UNKNOWN -> IssuanceOutcome.ISSUANCE_OUTCOME_UNKNOWN;
        };
    }

    static dev.countersign.wire.v1.PolicyStanding standing(PolicyStanding standing) {
        AuthorizationPolicy policy = standing.policy();
        var message =
                dev.countersign.wire.v1.PolicyStanding.newBuilder()
                        .setPolicy(policy.id())
                        .setGroup(policy.group().group())
                        .setAction(policy.action().name())
                        .setDryRun(policy.mode() == PolicyMode.DRY_RUN)
                        .setRevision(standing.revision())
                        .setAgentsEnforcing(standing.enforcing());
        Instant end = policy.validUntil();
        if (end != null) {
            message.setValidUntil(Timestamps.encode(end));
        }
        for (PolicyStanding.Missing missing : standing.missing()) {
            message.addMissing(
                    MissingAgent.newBuilder()
                            .setInstanceId(missing.agent().instanceId())
                            .setSpiffeId(missing.agent().peer().id().toString())
                            .setPodName(missing.agent().record().podName())
                            .setBecause(missing.because()));
        }
        return message.build();
    }
}
