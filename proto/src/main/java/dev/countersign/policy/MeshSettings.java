package dev.countersign.policy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What every policy of a mesh is read against.
 *
 * @param rootNamespace policies of our group in this namespace apply to every namespace: where
 *     Countersign is installed
 * @param istioRootNamespace the same for policies of Istio's group
 * @param trustDomain the mesh's own, without {@code spiffe://}
 * @param trustDomainAliases further names under which its workloads may still be known
 * @param spaceDelimitedClaims JWT claims whose string holds a list
 * @param multipleCustomProviders whether the CUSTOM policies of one workload may name several
 * @param externalAuthorizers the providers that CUSTOM policies may name, by name
 */
public record MeshSettings(
        String rootNamespace,
        String istioRootNamespace,
        String trustDomain,
        List<String> trustDomainAliases,
        Compatibility compatibility,
        DefaultAction defaultAction,
        PathNormalizer.Mode pathNormalization,
        Set<String> spaceDelimitedClaims,
        boolean multipleCustomProviders,
        Map<String, ExternalAuthorizer> externalAuthorizers) {

    /** What is split when nothing else is said. */
    public static final Set<String> DEFAULT_SPACE_DELIMITED_CLAIMS = Set.of("scope", "permission");

    private static final String ISTIO_ROOT_NAMESPACE = "istio-system";

    public MeshSettings {
        Objects.requireNonNull(rootNamespace, "rootNamespace");
        Objects.requireNonNull(istioRootNamespace, "istioRootNamespace");
        Objects.requireNonNull(trustDomain, "trustDomain");
        trustDomainAliases = List.copyOf(trustDomainAliases);
        Objects.requireNonNull(compatibility, "compatibility");
        Objects.requireNonNull(defaultAction, "defaultAction");
        Objects.requireNonNull(pathNormalization, "pathNormalization");
        spaceDelimitedClaims = Set.copyOf(spaceDelimitedClaims);
        externalAuthorizers = Map.copyOf(externalAuthorizers);
    }

    /** Our own defaults: strict reading, and nothing is allowed that no policy allows. */
    public static MeshSettings countersign(String rootNamespace, String trustDomain) {
        return new MeshSettings(
                rootNamespace,
                ISTIO_ROOT_NAMESPACE,
                trustDomain,
                List.of(),
                Compatibility.COUNTERSIGN,
                DefaultAction.DENY,
                PathNormalizer.Mode.MERGE_SLASHES,
                DEFAULT_SPACE_DELIMITED_CLAIMS,
                false,
                Map.of());
    }

    /** Istio's defaults: its own reading, and a workload without ALLOW policies is open. */
    public static MeshSettings istio(String rootNamespace, String trustDomain) {
        return new MeshSettings(
                rootNamespace,
                rootNamespace,
                trustDomain,
                List.of(),
                Compatibility.ISTIO,
                DefaultAction.ALLOW,
                PathNormalizer.Mode.BASE,
                DEFAULT_SPACE_DELIMITED_CLAIMS,
                false,
                Map.of());
    }

    /** The namespace whose policies of this group apply everywhere. */
    public String rootNamespaceOf(ApiGroup group) {
        return switch (group) {
            case COUNTERSIGN -> rootNamespace;
            case ISTIO -> istioRootNamespace;
        };
    }
}
