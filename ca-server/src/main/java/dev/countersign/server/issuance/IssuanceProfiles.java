package dev.countersign.server.issuance;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which profile a namespace gets.
 *
 * @param standard for every namespace that is not named
 * @param byNamespace exceptions
 */
public record IssuanceProfiles(IssuanceProfile standard, Map<String, IssuanceProfile> byNamespace) {
    public IssuanceProfiles {
        byNamespace = Map.copyOf(byNamespace);
    }

    public IssuanceProfile forNamespace(String namespace) {
        return byNamespace.getOrDefault(namespace, standard);
    }

    /** Whether any asks for DNS names. */
    public boolean serviceNames() {
        return standard.serviceNames()
                || byNamespace.values().stream().anyMatch(IssuanceProfile::serviceNames);
    }

    /** Least life of any. */
    public Duration shortest() {
        return lives().min(Comparator.naturalOrder()).orElseThrow();
    }

    /** Most life of any. */
    public Duration longest() {
        return lives().max(Comparator.naturalOrder()).orElseThrow();
    }

    private Stream<Duration> lives() {
        return Stream.concat(Stream.of(standard), byNamespace.values().stream())
                .flatMap(profile -> Stream.of(profile.life(), profile.minimumLife()));
    }
}
