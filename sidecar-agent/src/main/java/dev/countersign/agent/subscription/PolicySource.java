package dev.countersign.agent.subscription;

import dev.countersign.feed.KeySet;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.WorkloadPolicies;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.authentication.RequestAuthentications;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policies in force for this agent's own workload. */
public interface PolicySource {
    /**
     * One revision, complete and compiled before anybody sees it: nothing is left to be done on an
     * event loop.
     *
     * @param policies everything that selects this workload
     * @param workload what the server recorded of it
     * @param own what decides for it
     * @param asIfEnforced what would decide for it were the policies in DryRun enforced; null where
     *     none applies
     * @param peers which connections it takes
     * @param tokens which issuers it believes
     * @param keys of these issuers, as the server fetched them
     */
    record InForce(
            PolicySet policies,
            Workload workload,
            WorkloadPolicies own,
            @Nullable WorkloadPolicies asIfEnforced,
            PeerAuthentications peers,
            List<JwtRule> tokens,
            List<KeySet> keys) {
        public InForce {
            tokens = List.copyOf(tokens);
            keys = List.copyOf(keys);
        }

        /** Nothing said about mutual TLS and tokens. */
        public static InForce of(PolicySet policies, Workload workload) {
            return of(
                    policies,
                    workload,
                    new PeerAuthentications(policies.mesh(), List.of()),
                    new RequestAuthentications(policies.mesh(), List.of()),
                    List.of());
        }

        /** Compiles for the workload. */
        public static InForce of(
                PolicySet policies,
                Workload workload,
                PeerAuthentications peers,
                RequestAuthentications tokens,
                List<KeySet> keys) {
            WorkloadPolicies own = policies.forWorkload(workload);
            return new InForce(
                    policies,
                    workload,
                    own,
                    DryRun.asIfEnforced(policies, workload, own),
                    peers,
                    tokens.rulesFor(workload),
                    keys);
        }

        /** What comes after this: compiles what has changed, and keeps the rest. */
        InForce next(
                PolicySet next,
                Workload of,
                PeerAuthentications peers,
                RequestAuthentications tokens,
                List<KeySet> keys) {
            WorkloadPolicies after = next.forWorkload(of, own);
            return new InForce(
                    next,
                    of,
                    after,
                    DryRun.asIfEnforced(next, of, asIfEnforced == null ? after : asIfEnforced),
                    peers,
                    tokens.rulesFor(of),
                    keys);
        }

        /**
         * Which connections a port takes. Where nobody says anything, ours is STRICT; Istio's
         * PERMISSIVE holds in a mesh of its compatibility.
         */
        public MtlsMode mtls(int port) {
            MtlsMode otherwise =
                    switch (policies.mesh().compatibility()) {
                        case COUNTERSIGN -> MtlsMode.STRICT;
                        case ISTIO -> MtlsMode.PERMISSIVE;
                    };
            return peers.modeFor(workload, port, otherwise);
        }
    }

    /** Empty = no policy source yet: deny. */
    Optional<InForce> current();

    /**
     * Called after every change of policies, bundle or deny list, on the subscription's thread:
     * what is open must be decided again. Must return quickly.
     */
    void onChange(Runnable listener);
}
