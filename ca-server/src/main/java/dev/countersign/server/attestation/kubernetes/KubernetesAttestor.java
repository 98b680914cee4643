package dev.countersign.server.attestation.kubernetes;

import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.server.attestation.KnownMissing;
import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.attestation.LineageRecords.Lineage;
import dev.countersign.server.attestation.Pod;
import dev.countersign.server.attestation.PodAgreement;
import dev.countersign.server.attestation.WorkloadClaims;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Gone;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Known;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Missing;
import dev.countersign.trust.VerifiedPeer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/**
 * Believes a projected service-account token of the cluster this server works for. The steps are the
 * subject:
 *
 * <ol>
 *   <li>Everything that needs no call: shape, claims, times, and the signature by the cluster's keys.
 *   <li>The pod by its UID, from memory. It must agree in all it says, and not be going away.
 *   <li>A TokenReview, once in a pod's life: on its first certificate. Also when the pod is not in
 *       memory, or what is there may be old.
 *   <li>A pod that is not in memory is asked for by name, because a TokenReview goes on believing a
 *       token for some seconds after its pod is gone.
 * </ol>
 *
 * <p>While the API server cannot be asked, who would have to be asked about is refused for now. Pods
 * that are known and were reviewed, or renew a certificate on record, are served from memory.
 */
public final class KubernetesAttestor implements Attestor {
    public static final String NAME = "kubernetes";

    /** How long a UID is not asked for again that does not exist. */
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);

    private static final int MAX_UNKNOWN = 4096;

    private final Attestor tokens;
    private final ClusterPods pods;
    private final TokenReviews reviews;
    private final LineageRecords lineages;
    private final Set<String> audiences;
    private final ReviewRules rules;
    private final InstantSource clock;
    private final KnownMissing unknown = new KnownMissing(UNKNOWN_FOR, MAX_UNKNOWN);

    /**
     * @param tokens checks what needs no call
     * @param lineages which certificates are on record
     * @param audiences ours
     */
    public KubernetesAttestor(
            Attestor tokens,
            ClusterPods pods,
            TokenReviews reviews,
            LineageRecords lineages,
            Set<String> audiences,
            InstantSource clock) {
        this.tokens = tokens;
        this.pods = pods;
        this.reviews = reviews;
        this.lineages = lineages;
        this.audiences = Set.copyOf(audiences);
        this.rules = new ReviewRules(audiences);
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public WorkloadClaims attest(Evidence evidence) throws AttestationRefused {
        // 1. What needs no call.
        WorkloadClaims claims = tokens.attest(evidence);
        // 2. The pod, from memory.
        Pod pod =
                switch (pods.standing(claims.podUid())) {
                    case Known known -> known(evidence, claims, known);
                    case Gone gone -> throw noPod(claims, "it was deleted");
                    case Missing missing -> missing(evidence, claims);
                };
        return complete(claims, pod);
    }

    private Pod known(Evidence evidence, WorkloadClaims claims, Known known)
            throws AttestationRefused {
        PodAgreement.check(claims, known.pod());
        boolean before = known.reviewed() || isOnRecord(evidence, claims);
        boolean complete = known.pod().accountUid().isPresent();
        if (before && complete && pods.isLive()) {
            return known.pod();
        }
        // 3. A first certificate, or what is known may be old.
        try {
            rules.check(claims, reviews.review(evidence.token(), audiences));
            pods.reviewed(claims.podUid());
        } catch (ClusterUnavailable unavailable) {
            if (!before || !complete) {
                throw unavailable(unavailable);
            }
        }
        return known.pod();
    }

    private Pod missing(Evidence evidence, WorkloadClaims claims) throws AttestationRefused {
        if (unknown.contains(claims.podUid(), clock.instant())) {
            throw noPod(claims, "asked for a moment ago");
        }
        try {
            // 3. It may be too new for memory: then the API server believes its token,
            review(evidence, claims);
            // 4. and has it.
            Optional<Pod> found = pods.ask(claims.account().namespace(), claims.podName());
            if (found.isEmpty() || !found.get().uid().equals(Optional.of(claims.podUid()))) {
                unknown.add(claims.podUid(), clock.instant());
                throw noPod(claims, "asked the API server");
            }
            PodAgreement.check(claims, found.get());
            pods.reviewed(claims.podUid());
            return found.get();
        } catch (ClusterUnavailable unavailable) {
            throw unavailable(unavailable);
        }
    }

    private void review(Evidence evidence, WorkloadClaims claims)
            throws AttestationRefused, ClusterUnavailable {
        try {
            rules.check(claims, reviews.review(evidence.token(), audiences));
        } catch (AttestationRefused refused) {
            unknown.add(claims.podUid(), clock.instant());
            throw refused;
        }
    }

    /** Renews what this very pod was issued: it was reviewed then, maybe by another replica. */
    private boolean isOnRecord(Evidence evidence, WorkloadClaims claims) {
        Optional<VerifiedPeer> peer = evidence.peer();
        Optional<Lineage> lineage =
                peer.flatMap(held -> lineages.lineage(held.issuerKeyId(), held.serial()));
        return lineage.isPresent()
                && lineage.get().account().equals(claims.account())
                && lineage.get().accountUid().equals(claims.accountUid())
                && lineage.get().podUid().equals(claims.podUid());
    }

    /** Tokens of old API servers name no node; the log does in any case. */
    private static WorkloadClaims complete(WorkloadClaims claims, Pod pod) {
        return new WorkloadClaims(
                claims.account(),
                claims.accountUid(),
                claims.podName(),
                claims.podUid(),
                claims.nodeName().or(pod::node),
                claims.tokenFingerprint(),
                claims.until(),
                NAME);
    }

    private static AttestationRefused noPod(WorkloadClaims claims, String how) {
        return new AttestationRefused(
                Reason.POD_UNKNOWN,
                "pod: " + PodAgreement.shown(claims) + ", " + how + " (expected: one that exists)");
    }

    private static AttestationRefused unavailable(ClusterUnavailable unavailable) {
        return new AttestationRefused(
                Reason.KUBERNETES_UNAVAILABLE,
                "API server: " + unavailable.getMessage() + " (expected: an answer, try again)");
    }
}
