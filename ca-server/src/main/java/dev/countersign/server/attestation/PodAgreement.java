package dev.countersign.server.attestation;

import dev.countersign.server.attestation.AttestationRefused.Reason;
import java.util.Optional;

/** Whether claims say of a pod what the server itself knows of it. Pure. */
public final class PodAgreement {
    private PodAgreement() {}

    /**
     * Compares all that is known on both sides.
     *
     * @throws AttestationRefused when they contradict each other, or the pod is going away
     */
    public static void check(WorkloadClaims claims, Pod pod) throws AttestationRefused {
        agree("pod name", claims.podName(), Optional.of(pod.name()));
        agree("pod uid", claims.podUid(), pod.uid());
        agree("service account", claims.account(), Optional.of(pod.account()));
        agree("service account uid", claims.accountUid(), pod.accountUid());
        if (claims.nodeName().isPresent()) {
            agree("node", claims.nodeName().get(), pod.node());
        }
        if (pod.deleting()) {
            throw new AttestationRefused(
                    Reason.POD_DELETING,
                    "pod: " + shown(claims) + " is being deleted or has ended (expected: not)");
        }
    }

    /** A pod as refusals name it. */
    public static String shown(WorkloadClaims claims) {
        return claims.account().namespace() + "/" + claims.podName() + " uid " + claims.podUid();
    }

    private static <T> void agree(String what, T claimed, Optional<T> known)
            throws AttestationRefused {
        if (known.isPresent() && !known.get().equals(claimed)) {
            throw new AttestationRefused(
                    Reason.POD_MISMATCH,
                    what + ": " + claimed + " (expected: " + known.get() + ")");
        }
    }
}
