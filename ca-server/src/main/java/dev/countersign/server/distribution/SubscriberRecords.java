package dev.countersign.server.distribution;

import dev.countersign.feed.SubscriberRecord;
import dev.countersign.trust.VerifiedPeer;
import java.util.Optional;

/**
 * What the server itself recorded of a subscriber: pod from the attestation of its certificate,
 * labels from the pod index or the {@code workloads:} section. Never from the agent.
 */
public interface SubscriberRecords {
    /** Empty: this certificate is not one of ours, or stands for no workload. */
    Optional<SubscriberRecord> record(VerifiedPeer peer);
}
