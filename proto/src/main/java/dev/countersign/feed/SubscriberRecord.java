package dev.countersign.feed;

import dev.countersign.identity.ServiceAccountName;
import java.util.Map;

/**
 * What the server itself recorded of a subscriber; never what the agent says of itself.
 *
 * @param podName empty when the workload is no pod
 * @param podUid empty when the workload is no pod
 */
public record SubscriberRecord(
        ServiceAccountName account, String podName, String podUid, Map<String, String> labels) {
    public SubscriberRecord {
        labels = Map.copyOf(labels);
    }

    /** The same workload with other labels. */
    public SubscriberRecord withLabels(Map<String, String> others) {
        return new SubscriberRecord(account, podName, podUid, others);
    }
}
