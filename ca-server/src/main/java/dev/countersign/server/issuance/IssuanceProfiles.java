package dev.countersign.server.issuance;

import java.util.Map;

/**
 * Which profile a namespace gets.
 *
 * @param standard for every namespace that is not named
 * @param byNamespace exceptions
 */
public record IssuanceProfiles(
        IssuanceProfile standard, Map<String, IssuanceProfile> byNamespace) {
    public IssuanceProfiles {
        byNamespace = Map.copyOf(byNamespace);
    }

    public IssuanceProfile forNamespace(String namespace) {
        return byNamespace.getOrDefault(namespace, standard);
    }
}
