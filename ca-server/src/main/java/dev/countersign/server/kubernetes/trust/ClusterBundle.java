package dev.countersign.server.kubernetes.trust;

import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roots as a ClusterTrustBundle ({@code certificates.k8s.io}), which kubelets can project into
 * pods, where the API server has that kind.
 */
final class ClusterBundle {
    private static final String GROUP = "certificates.k8s.io/";
    private static final List<String> VERSIONS = List.of("v1", "v1beta1", "v1alpha1");
    private static final String SIGNER = "countersign.dev/mesh";
    private static final PatchContext APPLY =
            new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager("countersign-trust")
                    .withForce(true)
                    .build();
    private static final Logger LOG = LoggerFactory.getLogger(ClusterBundle.class);

    private final KubernetesConnection connection;
    private final Optional<String> version;
    private String last = "";

    private ClusterBundle(KubernetesConnection connection, Optional<String> version) {
        this.connection = connection;
        this.version = version;
    }

    static ClusterBundle of(KubernetesConnection connection) {
        return new ClusterBundle(
                connection, VERSIONS.stream().filter(v -> isServed(connection, v)).findFirst());
    }

    /** Once for each content. */
    void publish(TrustText trust) {
        if (version.isEmpty() || last.equals(trust.roots())) {
            return;
        }
        GenericKubernetesResource bundle =
                new GenericKubernetesResourceBuilder()
                        .withApiVersion(GROUP + version.get())
                        .withKind("ClusterTrustBundle")
                        .withNewMetadata()
                        .withName(name(trust.trustDomain()))
                        .endMetadata()
                        .addToAdditionalProperties(
                                "spec", Map.of("signerName", SIGNER, "trustBundle", trust.roots()))
                        .build();
        try {
            connection.client().resource(bundle).patch(APPLY);
            last = trust.roots();
        } catch (KubernetesClientException refused) {
            LOG.atWarn()
                    .addKeyValue("reason", ApiFailure.describe(refused))
                    .log("ClusterTrustBundle not published");
        }
    }

    /** The signer's name with colons is its prefix (ClusterTrustBundle, spec.signerName). */
    static String name(String trustDomain) {
        return SIGNER.replace('/', ':') + ":" + trustDomain.replace('_', '-');
    }

    private static boolean isServed(KubernetesConnection connection, String version) {
        try {
            @Nullable APIResourceList resources =
                    connection.client().getApiResources(GROUP + version);
            return resources != null
                    && resources.getResources().stream()
                            .anyMatch(kind -> kind.getKind().equals("ClusterTrustBundle"));
        } catch (KubernetesClientException unknown) {
            return false;
        }
    }
}
