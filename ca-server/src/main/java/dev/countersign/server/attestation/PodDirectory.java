package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.util.List;
import java.util.Optional;

/**
 * The pods the server knows: a port, answered from memory. Without Kubernetes it is the {@code
 * workloads:} section ({@link ConfiguredWorkloads}); with it, the index of an informer, which looks
 * up <b>by UID</b>, answers at once, and keeps UIDs it does not know in a bounded negative cache.
 */
public interface PodDirectory {
    /**
     * The pod that claims to have this name and UID. What is found may contradict the question (other
     * account, other name): callers compare.
     */
    Optional<Pod> find(ServiceAccountName account, String podName, String podUid);

    /** All known pods of an account. */
    List<Pod> of(ServiceAccountName account);

    /** Whether a pod that is not in here does not exist, so that its token is worth nothing. */
    boolean isComplete();
}
