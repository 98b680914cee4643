package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.runtime.Health;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.distribution.AllowKeeper;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.SubscriptionHub;
import dev.countersign.server.distribution.WrittenPolicies;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.policies.PolicySource;
import dev.countersign.server.kubernetes.policies.PolicyStatus;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import java.time.InstantSource;

/** Policies that are objects at the API server, and what they are told became of them. */
final class ClusterPolicies {
    private static final String PART = "policies";

    private final PolicyFeed feed;
    private final PolicySource source;
    private final PolicyStatus status;

    /** What it is made of. */
    record Parts(
            KubernetesConnection cluster,
            PolicyFeed feed,
            AllowKeeper keeper,
            SubscriptionHub hub,
            Leadership leadership,
            boolean istio,
            InstantSource clock) {}

    ClusterPolicies(Parts parts, Closer closer) {
        this.feed = parts.feed();
        WrittenPolicies policies = new WrittenPolicies(feed, parts.keeper());
        this.source =
                closer.register(
                        new PolicySource(parts.cluster().client(), policies, parts.istio()));
        this.status =
                new PolicyStatus(
                        source,
                        policies,
                        feed,
                        parts.hub()::views,
                        parts.leadership(),
                        new StatusWriter(parts.cluster().client(), parts.clock()));
    }

    void start() {
        source.start();
    }

    /** About once a second, on a thread that may wait. */
    void maintain() {
        status.tick();
    }

    void review(Health health) {
        if (!source.isComplete()) {
            health.degraded(PART, "not all read yet: agents keep what they have");
            return;
        }
        feed.state()
                .refusal()
                .ifPresentOrElse(refusal -> health.degraded(PART, refusal), () -> health.up(PART));
    }
}
