package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the server itself knows of a pod, whatever its agent says.
 *
 * @param account the service account it runs as
 * @param accountUid that account's UID, when known
 * @param name of the pod
 * @param uid of the pod, when known
 * @param node where it runs, when known
 * @param deleting whether it has been asked to stop: it gets no new certificate
 * @param labels of the pod
 * @param addresses it calls from; empty when not known
 */
public record Pod(
        ServiceAccountName account,
        Optional<String> accountUid,
        String name,
        Optional<String> uid,
        Optional<String> node,
        boolean deleting,
        Map<String, String> labels,
        Set<InetAddress> addresses) {
    public Pod {
        labels = Map.copyOf(labels);
        addresses = Set.copyOf(addresses);
    }
}
