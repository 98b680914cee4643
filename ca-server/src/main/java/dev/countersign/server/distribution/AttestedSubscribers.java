package dev.countersign.server.distribution;

import dev.countersign.feed.SubscriberRecord;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.attestation.Pod;
import dev.countersign.server.attestation.PodDirectory;
import dev.countersign.trust.VerifiedPeer;
import java.util.Map;
import java.util.Optional;

/**
 * Pod from the attestation that the certificate goes back to, labels from the pod directory. A
 * certificate whose record has not been written out yet, or was issued by a replica whose rows
 * cannot be read now, is nobody's: the agent comes back.
 */
public final class AttestedSubscribers implements SubscriberRecords {
    private final LineageRecords lineages;
    private final PodDirectory pods;

    public AttestedSubscribers(LineageRecords lineages, PodDirectory pods) {
        this.lineages = lineages;
        this.pods = pods;
    }

    @Override
    public Optional<SubscriberRecord> record(VerifiedPeer peer) {
        Optional<ServiceAccountName> account = peer.id().serviceAccount();
        if (account.isEmpty()) {
            return Optional.empty();
        }
        return lineages.lineage(peer.issuerKeyId(), peer.serial())
                .filter(lineage -> lineage.account().equals(account.get()))
                .map(lineage ->
                        new SubscriberRecord(
                                lineage.account(),
                                lineage.podName(),
                                lineage.podUid(),
                                labels(lineage)));
    }

    private Map<String, String> labels(LineageRecords.Lineage lineage) {
        return pods.find(lineage.account(), lineage.podName(), lineage.podUid())
                .map(Pod::labels)
                .orElse(Map.of());
    }
}
