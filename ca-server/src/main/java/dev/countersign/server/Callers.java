package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.runtime.Health;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.attestation.PodDirectory;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.identity.ClusterIssuer;
import dev.countersign.server.kubernetes.pods.PodIndex;
import dev.countersign.server.kubernetes.pods.PodWatch;
import dev.countersign.server.kubernetes.pods.ServiceNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * How callers are found out, and what is known of their pods: by the cluster, or by the
 * configuration where there is none.
 *
 * @param keys of the tokens' issuer
 * @param pods that labels and addresses are taken from
 * @param cluster the cluster's own pods, whoever attests
 */
record Callers(
        JwksSource keys, Attestor attestor, PodDirectory pods, Optional<ClusterPods> cluster) {
    /** The pods of a cluster, and what keeps them in step. */
    record ClusterPods(PodIndex index, PodWatch watch, Optional<ServiceNames> names) {
        /** Under which Services reach a pod; none where no profile asks. */
        List<String> serviceNames(String podUid) {
            return names.map(known -> known.of(podUid)).orElse(List.of());
        }

        void review(Health health) {
            watch.review(health);
            if (names.isPresent() && !names.get().isLive()) {
                health.degraded("service-names", names.get().problem());
            } else {
                health.up("service-names");
            }
        }
    }

    /** What is needed to find them out. */
    record Parts(
            ServerConfig config,
            Optional<KubernetesConnection> kubernetes,
            LineageRecords lineages,
            Executor background,
            MeterRegistry metrics,
            Health health,
            InstantSource clock,
            RandomGenerator random) {}

    static Callers open(Parts parts, Closer closer) throws Exception {
        ServerConfig config = parts.config();
        Optional<ClusterPods> cluster =
                parts.kubernetes().map(connection -> follow(connection, parts, closer));
        JwksSource keys =
                IssuerKeyLoading.source(
                        config.jwks(), parts.kubernetes(), parts.clock(), parts.background());
        Attestor attestor =
                Catalog.attestor(parts, new Catalog.Tokens(tokens(parts), keys), cluster);
        PodDirectory pods =
                config.jwks() instanceof ServerConfig.Jwks.Cluster
                        ? cluster.orElseThrow().index()
                        : config.workloads();
        return new Callers(keys, attestor, pods, cluster);
    }

    private static ClusterPods follow(KubernetesConnection connection, Parts parts, Closer closer) {
        PodIndex index = new PodIndex();
        PodWatch watch = closer.register(PodWatch.start(connection, index));
        watch.review(parts.health());
        Optional<ServiceNames> names =
                parts.config().profiles().serviceNames()
                        ? Optional.of(
                                closer.register(
                                        ServiceNames.start(
                                                connection,
                                                index,
                                                parts.config()
                                                        .kubernetes()
                                                        .orElseThrow()
                                                        .clusterDomain())))
                        : Optional.empty();
        parts.metrics().gauge("countersign.kubernetes.pods", index, PodIndex::size);
        return new ClusterPods(index, watch, names);
    }

    private static TokenSettings tokens(Parts parts) throws Exception {
        ServerConfig.Tokens tokens = parts.config().tokens();
        Optional<String> issuer = tokens.issuer();
        return tokens.of(
                issuer.isPresent()
                        ? issuer.get()
                        : ClusterIssuer.await(
                                parts.kubernetes().orElseThrow(), parts.health(), parts.random()));
    }
}
