package dev.countersign.server.kubernetes.pods;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.Pod;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a pod: some hundred bytes. What pods have in common is shared. Immutable but for
 * {@code reviewed}, which follows the pod through its updates.
 */
final class PodRecord {
    final String uid;
    final String name;
    final ServiceAccountName account;
    final @Nullable String node;
    final PodLabels labels;
    final byte[][] addresses;
    final boolean deleting;
    final boolean meshed;
    volatile boolean reviewed;

    PodRecord(
            String uid,
            String name,
            ServiceAccountName account,
            @Nullable String node,
            PodLabels labels,
            byte[][] addresses,
            boolean deleting,
            boolean meshed) {
        this.uid = uid;
        this.name = name;
        this.account = account;
        this.node = node;
        this.labels = labels;
        this.addresses = addresses;
        this.deleting = deleting;
        this.meshed = meshed;
    }

    Pod toPod(Optional<String> accountUid) {
        return new Pod(
                account,
                accountUid,
                name,
                Optional.of(uid),
                Optional.ofNullable(node),
                deleting,
                labels.toMap(),
                inetAddresses());
    }

    private Set<InetAddress> inetAddresses() {
        Set<InetAddress> all = new HashSet<>();
        for (byte[] address : addresses) {
            try {
                all.add(InetAddress.getByAddress(address));
            } catch (UnknownHostException notFourOrSixteen) {
                throw new IllegalStateException(notFourOrSixteen); // they come from an InetAddress
            }
        }
        return all;
    }
}
