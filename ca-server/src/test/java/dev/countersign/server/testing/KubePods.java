package dev.countersign.server.testing;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Pods of one namespace, as a kubelet would see them, and their tokens. Nothing runs in them. */
public final class KubePods {
    public static final String NODE = "node-1";
    public static final String AUDIENCE = "countersign";

    private static final long TOKEN_SECONDS = 3600;

    private final KubernetesClient client;
    private final String namespace;

    public KubePods(KubeServer server, String namespace) {
        this(server.admin(), namespace);
    }

    public KubePods(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    public String namespace() {
        return namespace;
    }

    /** A service account of this name, made unless it is there. */
    public void account(String name) {
        if (client.serviceAccounts().inNamespace(namespace).withName(name).get() == null) {
            client.resource(
                            new ServiceAccountBuilder()
                                    .withMetadata(meta(name, Map.of()))
                                    .withAutomountServiceAccountToken(false)
                                    .build())
                    .create();
        }
    }

    /** A pod on {@link #NODE}, with its account; it has no address yet. */
    public Pod create(String name, String account, Map<String, String> labels) {
        account(account);
        return client.resource(
                        new PodBuilder()
                                .withMetadata(meta(name, labels))
                                .withNewSpec()
                                .withServiceAccountName(account)
                                .withNodeName(NODE)
                                .addNewContainer()
                                .withName("main")
                                .withImage("localhost/nothing:1")
                                .endContainer()
                                .endSpec()
                                .build())
                .create();
    }

    /** The kubelet has given it these. */
    public void address(Pod pod, String... addresses) {
        List<PodIP> all = java.util.Arrays.stream(addresses).map(PodIP::new).toList();
        client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(before ->
                        new PodBuilder(before)
                                .withStatus(
                                        new PodStatusBuilder()
                                                .withPhase("Running")
                                                .withPodIP(addresses[0])
                                                .withPodIPs(all)
                                                .build())
                                .build());
    }

    public void labels(Pod pod, Map<String, String> labels) {
        client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .edit(before ->
                        new PodBuilder(before)
                                .editMetadata()
                                .withLabels(labels)
                                .endMetadata()
                                .build());
    }

    /** It is asked to stop, and nobody stops it: it stays, being deleted. */
    public void beginDeletion(Pod pod) {
        client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .withGracePeriod(600)
                .delete();
    }

    /** It is gone. */
    public void delete(Pod pod) {
        client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .withGracePeriod(0)
                .delete();
    }

    /** What the kubelet would project into it for us. */
    public String token(Pod pod) {
        return token(pod, AUDIENCE);
    }

    public String token(Pod pod, String audience) {
        TokenRequest request =
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audience)
                        .withExpirationSeconds(TOKEN_SECONDS)
                        .withNewBoundObjectRef()
                        .withKind("Pod")
                        .withApiVersion("v1")
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .endBoundObjectRef()
                        .endSpec()
                        .build();
        TokenRequest answered =
                client.serviceAccounts()
                        .inNamespace(namespace)
                        .withName(pod.getSpec().getServiceAccountName())
                        .tokenRequest(request);
        return Objects.requireNonNull(answered).getStatus().getToken();
    }

    private ObjectMeta meta(String name, Map<String, String> labels) {
        ObjectMeta meta = new ObjectMeta();
        meta.setNamespace(namespace);
        meta.setName(name);
        meta.setLabels(labels);
        return meta;
    }
}
