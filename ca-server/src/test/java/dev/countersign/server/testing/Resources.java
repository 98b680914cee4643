package dev.countersign.server.testing;

import dev.countersign.server.kubernetes.schema.ResourceDefinitions;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import dev.countersign.testing.Patience;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/** Custom resources at a real API server. */
public final class Resources {
    private Resources() {}

    /** Makes all kinds known, and waits until they are served. */
    public static void install(KubernetesClient client) {
        for (ResourceKind kind : ResourceKind.values()) {
            client.resource(ResourceDefinitions.yaml(kind)).createOr(one -> one.update());
        }
        for (ResourceKind kind : ResourceKind.values()) {
            Awaitility.await(kind + " is served")
                    .atMost(Patience.OF_TESTS)
                    .until(() -> isServed(client, kind));
        }
    }

    /** Applies one, given as YAML. */
    public static GenericKubernetesResource apply(KubernetesClient client, String yaml) {
        GenericKubernetesResource wanted =
                Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        while (true) {
            try {
                return client.resource(wanted).unlock().createOr(one -> one.update());
            } catch (KubernetesClientException failure) {
                if (failure.getCode() != 409) { // somebody wrote its status meanwhile
                    throw failure;
                }
            }
        }
    }

    /** One of ours, with this spec in YAML flow style. */
    public static String yaml(ResourceKind kind, String namespace, String name, String spec) {
        return "apiVersion: countersign.dev/v1\nkind: "
                + kind.kind()
                + "\nmetadata: {name: "
                + name
                + (namespace.isEmpty() ? "" : ", namespace: " + namespace)
                + "}\nspec: "
                + spec
                + "\n";
    }

    public static Optional<GenericKubernetesResource> find(
            KubernetesClient client, ResourceKind kind, String namespace, String name) {
        var all = client.genericKubernetesResources(context(kind));
        return Optional.ofNullable(
                kind.isNamespaced()
                        ? all.inNamespace(namespace).withName(name).get()
                        : all.withName(name).get());
    }

    public static void delete(
            KubernetesClient client, ResourceKind kind, String namespace, String name) {
        var all = client.genericKubernetesResources(context(kind));
        if (kind.isNamespaced()) {
            all.inNamespace(namespace).withName(name).delete();
        } else {
            all.withName(name).delete();
        }
    }

    /** A field of its status; empty where it has none. */
    public static Object status(GenericKubernetesResource object, String field) {
        return object.getAdditionalProperties().get("status") instanceof Map<?, ?> status
                        && status.get(field) != null
                ? status.get(field)
                : "";
    }

    /** {@code status reason message} of a condition; empty where it has none. */
    public static String condition(GenericKubernetesResource object, String type) {
        if (status(object, "conditions") instanceof List<?> conditions) {
            for (Object one : conditions) {
                if (one instanceof Map<?, ?> condition && type.equals(condition.get("type"))) {
                    return condition.get("status")
                            + " "
                            + condition.get("reason")
                            + " "
                            + condition.get("message");
                }
            }
        }
        return "";
    }

    public static ResourceDefinitionContext context(ResourceKind kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(ResourceKind.GROUP)
                .withVersion(ResourceKind.VERSION)
                .withKind(kind.kind())
                .withPlural(kind.plural())
                .withNamespaced(kind.isNamespaced())
                .build();
    }

    private static boolean isServed(KubernetesClient client, ResourceKind kind) {
        try {
            client.genericKubernetesResources(context(kind)).list();
            return true;
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }
}
