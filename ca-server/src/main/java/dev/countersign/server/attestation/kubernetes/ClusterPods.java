package dev.countersign.server.attestation.kubernetes;

import dev.countersign.server.attestation.Pod;
import java.util.Optional;

/** The cluster's pods by UID: a port. All but {@link #ask} is answered from memory, at once. */
public interface ClusterPods {
    /** What is known of a UID. */
    sealed interface Standing {}

    /**
     * There is such a pod.
     *
     * @param reviewed whether {@link #reviewed} was told of it
     */
    record Known(Pod pod, boolean reviewed) implements Standing {}

    /** There was one, and it was deleted: a UID never comes back. */
    record Gone() implements Standing {}

    /** None was heard of, so far. */
    record Missing() implements Standing {}

    Standing standing(String podUid);

    /** Whether changes are heard of as they happen; otherwise what is known may be of yesterday. */
    boolean isLive();

    /**
     * Asks the API server itself, and remembers the answer.
     *
     * @return the pod of that name, whatever its UID; empty when there is none
     */
    Optional<Pod> ask(String namespace, String name) throws ClusterUnavailable;

    /** A token of this pod was reviewed: remembered for as long as the pod lives. */
    void reviewed(String podUid);
}
