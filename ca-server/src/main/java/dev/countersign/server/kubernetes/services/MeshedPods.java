package dev.countersign.server.kubernetes.services;

import dev.countersign.identity.SpiffeId;
import java.util.Optional;

/** Who answers in a pod: a port. */
@FunctionalInterface
public interface MeshedPods {
    /** No pod has an agent. */
    MeshedPods NONE = uid -> Optional.empty();

    /** Identity of the pod with this UID; empty where it has no agent, or is not known. */
    Optional<SpiffeId> identity(String podUid);
}
