package dev.countersign.server;

import dev.countersign.server.attestation.serviceaccount.FileJwks;
import dev.countersign.server.attestation.serviceaccount.HttpsJwks;
import dev.countersign.server.attestation.serviceaccount.JwksSettings;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.identity.ClusterJwks;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Where the keys of the tokens' issuer come from. */
final class IssuerKeyLoading {
    private IssuerKeyLoading() {}

    /**
     * @param cluster where the keys are when they are the cluster's
     */
    static JwksSource source(
            ServerConfig.Jwks jwks,
            Optional<KubernetesConnection> cluster,
            InstantSource clock,
            Executor background)
            throws IOException {
        JwksSource source =
                switch (jwks) {
                    case ServerConfig.Jwks.Cluster own ->
                            new JwksSource(
                                    new ClusterJwks(cluster.orElseThrow()),
                                    JwksSettings.forUrl(),
                                    clock,
                                    background);
                    case ServerConfig.Jwks.File file ->
                            new JwksSource(
                                    new FileJwks(file.path()),
                                    JwksSettings.forFile(),
                                    clock,
                                    background);
                    case ServerConfig.Jwks.Url url ->
                            new JwksSource(
                                    HttpsJwks.of(
                                            url.address(), url.allowedNetworks(), url.caFile()),
                                    JwksSettings.forUrl(),
                                    clock,
                                    background);
                };
        source.load();
        return source;
    }

    /**
     * One address of a policy, by the same rules.
     *
     * @throws IllegalArgumentException when it is not one to fetch, or the roots cannot be read
     */
    static HttpsJwks https(String address, ServerConfig.TokenKeyFetching fetching) {
        try {
            return HttpsJwks.of(address, fetching.allowedNetworks(), fetching.caFile());
        } catch (IOException e) {
            throw new IllegalArgumentException("policies.tokenKeys.caFile: cannot be read", e);
        }
    }
}
