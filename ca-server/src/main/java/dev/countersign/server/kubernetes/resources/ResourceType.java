package dev.countersign.server.kubernetes.resources;

import dev.countersign.server.kubernetes.schema.ResourceKind;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/**
 * A kind of objects at the API server, ours or another's.
 *
 * @param group empty for the core
 */
public record ResourceType(
        String group, String version, String kind, String plural, boolean namespaced) {
    public static ResourceType of(ResourceKind kind) {
        return new ResourceType(
                ResourceKind.GROUP,
                ResourceKind.VERSION,
                kind.kind(),
                kind.plural(),
                kind.isNamespaced());
    }

    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }
}
