package dev.countersign.server.kubernetes.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.feed.DirectoryEntry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.distribution.ExportedService;
import dev.countersign.server.distribution.ServiceDirectory;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.testing.Patience;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Services and EndpointSlices of a real API server. */
final class ServiceSourceTest {
    private static final Map<String, SpiffeId> MESHED = new ConcurrentHashMap<>();

    private static KubeServer kube;
    private static KubernetesClient client;
    private static ServiceDirectory directory;
    private static ServiceSource source;

    @BeforeAll
    static void start() {
        kube = KubeServer.shared();
        client = kube.admin();
        directory = new ServiceDirectory(List.of());
        source = new ServiceSource(client, directory, uid -> Optional.ofNullable(MESHED.get(uid)));
        source.start();
        Awaitility.await().atMost(Patience.OF_TESTS).until(source::isComplete);
    }

    @AfterAll
    static void stop() {
        if (source != null) {
            source.close();
        }
    }

    @Test
    void eachEndpointSaysWhoMustAnswerAndWhetherItIsMeshed() {
        String shop = kube.newNamespace("shop");
        MESHED.put("uid-1-" + shop, SpiffeId.parse("spiffe://mesh.example/ns/shop/sa/orders"));
        service(shop, "orders", "");
        slice(shop, "orders", "10.1.0.7", "uid-1-" + shop, "10.1.0.8", "uid-2-" + shop);
        awaitEndpoints(shop, 2);

        ExportedService exported = find(shop).orElseThrow();
        DirectoryEntry entry = exported.entry();

        assertThat(exported.to()).isEmpty();
        assertThat(entry.name()).isEqualTo("orders." + shop + ":80");
        assertThat(entry.protocol()).isEqualTo(DirectoryEntry.Protocol.HTTP);
        assertThat(entry.addresses())
                .singleElement()
                .extracting(InetSocketAddress::getPort)
                .isEqualTo(80);
        assertThat(entry.endpoints())
                .extracting(one -> one.address().getPort(), one -> one.peer().isPresent())
                .containsExactly(tuple(8080, true), tuple(8080, false));
    }

    @Test
    void aPodThatIsMeshedNowChangesItsEndpoint() {
        String shop = kube.newNamespace("shop");
        service(shop, "orders", "");
        slice(shop, "orders", "10.1.0.7", "late-" + shop, "10.1.0.8", "never-" + shop);
        awaitEndpoints(shop, 2);

        MESHED.put("late-" + shop, SpiffeId.parse("spiffe://mesh.example/ns/shop/sa/orders"));
        source.podChanged("late-" + shop);

        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .until(() ->
                        find(shop).orElseThrow().entry().endpoints().stream()
                                        .filter(one -> one.peer().isPresent())
                                        .count()
                                == 1);
    }

    @Test
    void aServiceMayBeForCertainNamespacesOnly() {
        String shop = kube.newNamespace("shop");
        service(shop, "orders", "countersign.dev/export-to: \"shop, ops\"");
        Awaitility.await().atMost(Patience.OF_TESTS).until(() -> find(shop).isPresent());

        assertThat(find(shop).orElseThrow().to()).containsExactlyInAnyOrder("shop", "ops");
    }

    @Test
    void whatIsDeletedIsGone() {
        String shop = kube.newNamespace("shop");
        service(shop, "orders", "");
        slice(shop, "orders", "10.1.0.7", "a-" + shop, "10.1.0.8", "b-" + shop);
        awaitEndpoints(shop, 2);

        client.genericKubernetesResources("discovery.k8s.io/v1beta1", "EndpointSlice")
                .inNamespace(shop)
                .withName("orders-1")
                .delete();
        awaitEndpoints(shop, 0);
        client.services().inNamespace(shop).withName("orders").delete();

        Awaitility.await().atMost(Patience.OF_TESTS).until(() -> find(shop).isEmpty());
    }

    private static void awaitEndpoints(String namespace, int count) {
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .until(() ->
                        find(namespace)
                                .filter(one -> one.entry().endpoints().size() == count)
                                .isPresent());
    }

    private static Optional<ExportedService> find(String namespace) {
        return directory.services().stream()
                .filter(one -> one.entry().name().equals("orders." + namespace + ":80"))
                .findFirst();
    }

    private static void service(String namespace, String name, String annotation) {
        client.resource(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: %s, namespace: %s, annotations: {%s}}
                        spec:
                          ports:
                          - {name: http, port: 80, targetPort: 8080}
                          - {name: dns, port: 53, protocol: UDP}
                        """
                                .formatted(name, namespace, annotation))
                .create();
    }

    private static void slice(
            String namespace, String service, String a, String uidOfA, String b, String uidOfB) {
        client.resource(
                        """
                        apiVersion: discovery.k8s.io/v1beta1
                        kind: EndpointSlice
                        metadata:
                          name: %1$s-1
                          namespace: %2$s
                          labels: {kubernetes.io/service-name: %1$s}
                        addressType: IPv4
                        ports:
                        - {name: http, port: 8080, protocol: TCP}
                        endpoints:
                        - addresses: [%3$s]
                          conditions: {ready: true}
                          targetRef: {kind: Pod, name: a, namespace: %2$s, uid: %4$s}
                        - addresses: [%5$s]
                          conditions: {ready: false}
                          targetRef: {kind: Pod, name: b, namespace: %2$s, uid: %6$s}
                        """
                                .formatted(service, namespace, a, uidOfA, b, uidOfB))
                .create();
    }
}
