package dev.countersign.agent.subscription;

import dev.countersign.edges.EdgeReport;
import dev.countersign.policy.Workload;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.wire.EdgeCodec;
import dev.countersign.wire.RootUsageCodec;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.AgentStatus;
import dev.countersign.wire.v1.DenialReport;
import dev.countersign.wire.v1.Hello;
import dev.countersign.wire.v1.KeyRefresh;
import dev.countersign.wire.v1.SubscribeRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What the agent says on the stream, as messages of the contract. */
final class ReportMessages {
    private static final int PROTOCOL_VERSION = 1;

    private final String agentVersion;
    private final String instanceId;

    /**
     * @param instanceId random id of this process
     */
    ReportMessages(String agentVersion, String instanceId) {
        this.agentVersion = agentVersion;
        this.instanceId = instanceId;
    }

    SubscribeRequest hello(long revision, long bundleEpoch) {
        return SubscribeRequest.newBuilder()
                .setHello(
                        Hello.newBuilder()
                                .setProtocolVersion(PROTOCOL_VERSION)
                                .setAgentVersion(agentVersion)
                                .setInstanceId(instanceId)
                                .setHeldRevision(revision)
                                .setHeldBundleEpoch(bundleEpoch))
                .build();
    }

    /**
     * @param refusal empty when the revision is in force
     * @param bundle the one that is loaded
     */
    SubscribeRequest acknowledgement(
            long revision,
            String refusal,
            long bundleEpoch,
            Optional<SignedTrustBundle> bundle,
            AgentReport report) {
        return SubscribeRequest.newBuilder()
                .setAcknowledgement(
                        Acknowledgement.newBuilder()
                                .setRevision(revision)
                                .setRefusal(refusal)
                                .setBundleEpoch(bundleEpoch)
                                .setBundleHash(bundle.map(b -> sha256(b.payload())).orElse(""))
                                .setLeafIssuerKeyId(report.leaf().issuerKeyId())
                                .setLeafRootKeyId(report.leaf().rootKeyId())
                                .setOldestConnectionIssuerKeyId(
                                        report.oldestConnection().issuerKeyId())
                                .setOldestConnectionRootKeyId(report.oldestConnection().rootKeyId())
                                .setClockOffsetMillis(millis(report)))
                .build();
    }

    SubscribeRequest status(AgentReport report) {
        AgentStatus.Builder status =
                AgentStatus.newBuilder()
                        .setInstanceId(instanceId)
                        .setCertificateSerial(report.serial())
                        .setOpenConnections(report.openConnections())
                        .setClockOffsetMillis(millis(report))
                        .setRotations(report.rotations());
        report.rootUsage().ifPresent(usage -> status.setRootUsage(RootUsageCodec.encode(usage)));
        report.notAfter().ifPresent(at -> status.setCertificateNotAfter(Timestamps.encode(at)));
        return SubscribeRequest.newBuilder().setStatus(status).build();
    }

    SubscribeRequest edges(EdgeReport report) {
        return SubscribeRequest.newBuilder().setEdges(EdgeCodec.encode(report)).build();
    }

    SubscribeRequest denials(DenialOutbox.Batch batch) {
        DenialReport.Builder report =
                DenialReport.newBuilder().setSequence(batch.sequence()).setDropped(batch.dropped());
        batch.denials().forEach(denial -> report.addDenials(message(denial)));
        return SubscribeRequest.newBuilder().setDenials(report).build();
    }

    private dev.countersign.wire.v1.Denial message(Denial denial) {
        return dev.countersign.wire.v1.Denial.newBuilder()
                .setId(denial.id())
                .setFirstSeen(Timestamps.encode(denial.firstSeen()))
                .setCount(denial.count())
                .setSourcePrincipal(denial.source())
                .setSourceAddress(denial.sourceAddress())
                .setDestinationNamespace(denial.destination().map(Workload::namespace).orElse(""))
                .setDestinationServiceAccount(
                        denial.destination().map(Workload::serviceAccount).orElse(""))
                .setDestinationPort(denial.port())
                .setProtocol(denial.protocol())
                .setMethod(denial.method())
                .setHost(denial.host())
                .setPath(denial.path())
                .setRevision(denial.decision().revision())
                .setReason(denial.decision().reason().name())
                .setPolicy(denial.decision().policy())
                .setRule(denial.decision().ruleIndex())
                .setExplanation(denial.explanation())
                .setAgentInstance(instanceId)
                .build();
    }

    private static long millis(AgentReport report) {
        return report.clockOffset().map(Duration::toMillis).orElse(0L);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /** At most 16 addresses. */
    static SubscribeRequest keyRefresh(List<String> addresses) {
        return SubscribeRequest.newBuilder()
                .setKeyRefresh(KeyRefresh.newBuilder().addAllAddresses(addresses))
                .build();
    }
}
