package dev.countersign.server.kubernetes.pods;

import dev.countersign.identity.ServiceAccountName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a record of what the API server says of a pod. */
final class PodReader {
    private static final Logger LOG = LoggerFactory.getLogger(PodReader.class);
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    /** Put there by the injector. */
    private static final String INJECTED = "countersign.dev/injected";

    private static final String DEFAULT_ACCOUNT = "default";

    private final Shared shared = new Shared();

    PodRecord read(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return new PodRecord(
                pod.getMetadata().getUid(),
                pod.getMetadata().getName(),
                account(pod),
                node(pod),
                labels == null ? PodLabels.NONE : PodLabels.of(labels, shared),
                addresses(pod.getStatus()),
                isEnding(pod),
                isMeshed(pod));
    }

    /** Whether it was given an agent: by the injector, or by hand with the same annotation. */
    private static boolean isMeshed(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(INJECTED);
    }

    private ServiceAccountName account(Pod pod) {
        @Nullable String name =
                pod.getSpec() == null ? null : pod.getSpec().getServiceAccountName();
        return shared.one(
                new ServiceAccountName(
                        shared.one(pod.getMetadata().getNamespace()),
                        name == null || name.isEmpty() ? DEFAULT_ACCOUNT : name));
    }

    private @Nullable String node(Pod pod) {
        @Nullable String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        return node == null || node.isEmpty() ? null : shared.one(node);
    }

    /** A pod whose containers have all ended cannot ask for anything any more. */
    private static boolean isEnding(Pod pod) {
        boolean ended =
                pod.getStatus() != null
                        && ENDED.contains(
                                Objects.requireNonNullElse(pod.getStatus().getPhase(), ""));
        return ended || pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static byte[][] addresses(@Nullable PodStatus status) {
        if (status == null || status.getPodIPs() == null) {
            return new byte[0][];
        }
        List<byte[]> addresses = new ArrayList<>(2);
        for (PodIP ip : status.getPodIPs()) {
            try {
                addresses.add(InetAddress.ofLiteral(ip.getIp()).getAddress());
            } catch (IllegalArgumentException odd) {
                LOG.atWarn().addKeyValue("address", ip.getIp()).log("odd address of a pod");
            }
        }
        return addresses.toArray(byte[][]::new);
    }
}
